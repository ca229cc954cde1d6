/** The process of the engine: runs statements for the process that started it, and ends with it. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import { type ColumnValues, type EngineReply, type EngineRequest, type ListPage, pagesAhead, type Statement } from "./messages.ts";

// The library makes one decoder when it is loaded. Without this it drops U+FEFF at the start of a value.
globalThis.TextDecoder = class extends TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean }) {
    super(label, { ignoreBOM: true, ...options });
  }
};
const { DuckDBInstance } = await import("@duckdb/node-api");

const settings = JSON.parse(process.argv[2] as string) as Record<string, string>;
const instance = await DuckDBInstance.create(":memory:", settings);
/** A statement that runs. */
type Run = {
  readonly id: number;
  /** Null until it has one. */
  connection: DuckDBConnection | null;
  isCancelled: boolean;
  /** How many pages were sent and not yet taken. */
  ahead: number;
  /** Ends a wait for pages to be taken. */
  wake: () => void;
};
const running = new Map<number, Run>();
const againAfterMs = 50;
const pageItems = 65_536;

process.on("message", (request: EngineRequest) => {
  if (request.kind === "cancel") cancel(request.id);
  else if (request.kind === "taken") taken(request.id);
  else void answer(request).then((reply) => process.send?.(reply));
});
// An orderly exit waits for the statements that run.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

/** Interrupts until the statement has ended: an interrupt before its first step has no effect. */
function cancel(id: number): void {
  const run = running.get(id);
  if (run === undefined) return;
  run.isCancelled = true;
  run.connection?.interrupt();
  run.wake();
  setTimeout(() => cancel(id), againAfterMs).unref();
}

function taken(id: number): void {
  const run = running.get(id);
  if (run === undefined) return;
  run.ahead -= 1;
  run.wake();
}

async function answer({ kind, id, ...statement }: Extract<EngineRequest, Statement>): Promise<EngineReply> {
  const run: Run = { id, connection: null, isCancelled: false, ahead: 0, wake: () => {} };
  running.set(id, run);
  try {
    const connection = await instance.connect();
    run.connection = connection;
    throwIfCancelled(run);
    const columns = kind === "read" ? await read(connection, statement) : await sendLists(connection, statement, run);
    return { id, ok: true, columns };
  } catch (error) {
    return { id, ok: false, message: (error as Error).message };
  } finally {
    running.delete(id);
    run.connection?.closeSync();
  }
}

function throwIfCancelled({ isCancelled }: Run): void {
  if (isCancelled) throw new Error("INTERRUPT Error: interrupted by its caller");
}

async function read(connection: DuckDBConnection, { sql, parameters }: Statement): Promise<ColumnValues> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return reader.getColumnsJS() as unknown as ColumnValues;
}

/** @returns no columns: the rows are in the pages */
async function sendLists(connection: DuckDBConnection, { sql, parameters }: Statement, run: Run): Promise<ColumnValues> {
  // Not streamed: a stream that fails on the way ends as if it were whole.
  const result = await connection.run(sql, parameters);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const page of pagesOf(chunk)) {
      while (run.ahead >= pagesAhead && !run.isCancelled) await new Promise<void>((resolve) => (run.wake = resolve));
      throwIfCancelled(run);
      run.ahead += 1;
      process.send?.({ id: run.id, ok: true, page } satisfies EngineReply);
    }
  }
  return [];
}

/** The rows of a chunk, cut where the lists of a page are long. */
function* pagesOf(chunk: DuckDBDataChunk): Generator<ListPage> {
  const numbers = itemsOf(chunk.getColumnVector(0));
  const lists = chunk.getColumnVector(1) as DuckDBListVector;
  const items = itemsOf(lists.childVector);
  const lengths = Uint32Array.from({ length: chunk.rowCount }, (_, row) => lists.getEntryLength(row));
  for (let first = 0, end = 0, count = 0; first < chunk.rowCount; first = end, count = 0) {
    for (; end < chunk.rowCount && (end === first || count + (lengths[end] as number) <= pageItems); end++) count += lengths[end] as number;
    // The lists of a chunk need not follow one another.
    const copied = new Float64Array(count);
    for (let row = first, at = 0; row < end; at += lengths[row++] as number) {
      const offset = lists.getEntryOffset(row);
      copied.set(items.subarray(offset, offset + (lengths[row] as number)), at);
    }
    yield { numbers: numbers.slice(first, end), lengths: lengths.slice(first, end), items: copied };
  }
}

/** The numbers as the library keeps them: reading them one by one takes ten times as long. */
function itemsOf(vector: DuckDBVector): Float64Array {
  return (vector as unknown as { readonly items: Float64Array }).items;
}
