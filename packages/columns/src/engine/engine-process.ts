/** The process of the engine: runs statements for the process that started it, and ends with it. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import { answerParent, type Call } from "@trinity/lifecycle/answer-parent";
import type { ColumnValues, EngineReply, EngineRequest, ListPage, Statement } from "./messages.ts";

// The library makes one decoder when it is loaded. Without this it drops U+FEFF at the start of a value.
globalThis.TextDecoder = class extends TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean }) {
    super(label, { ignoreBOM: true, ...options });
  }
};
const { DuckDBInstance } = await import("@duckdb/node-api");

const settings = JSON.parse(process.argv[2] as string) as Record<string, string>;
const instance = await DuckDBInstance.create(":memory:", settings);
// Segments never change, and a statement reads the footers of all that it may need.
await instance
  .connect()
  .then((connection) => connection.run("SET GLOBAL parquet_metadata_cache = true").finally(() => connection.closeSync()));
const interruptEveryMs = 50;
const pageItems = 65_536;

answerParent<EngineRequest, ListPage, EngineReply>(async ({ kind, ...statement }, call) => {
  try {
    const connection = await instance.connect();
    const stopInterrupting = interruptedBy(call.signal, connection);
    try {
      call.signal.throwIfAborted();
      return { columns: kind === "read" ? await read(connection, statement) : await sendLists(connection, statement, call) };
    } finally {
      stopInterrupting();
      connection.closeSync();
    }
  } catch (error) {
    return { message: call.signal.aborted ? "INTERRUPT Error: interrupted by its caller" : (error as Error).message };
  }
});

/** Interrupts until it is told to stop: an interrupt before the first step of a statement has no effect. */
function interruptedBy(signal: AbortSignal, connection: DuckDBConnection): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer = setTimeout(interrupt, interruptEveryMs);
  };
  signal.addEventListener("abort", interrupt);
  return () => {
    signal.removeEventListener("abort", interrupt);
    clearTimeout(timer);
  };
}

async function read(connection: DuckDBConnection, { sql, parameters }: Statement): Promise<ColumnValues> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return reader.getColumnsJS() as unknown as ColumnValues;
}

/** @returns no columns: the rows are in the pages */
async function sendLists(connection: DuckDBConnection, { sql, parameters }: Statement, call: Call<ListPage>): Promise<ColumnValues> {
  // Not streamed: a stream that fails on the way ends as if it were whole.
  const result = await connection.run(sql, parameters);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    for (const page of pagesOf(chunk)) await call.send(page);
  return [];
}

/** The rows of a chunk, cut where the lists of a page are long. */
function* pagesOf(chunk: DuckDBDataChunk): Generator<ListPage> {
  const numbers = itemsOf(chunk.getColumnVector(0));
  const lists = chunk.getColumnVector(1) as DuckDBListVector;
  const items = itemsOf(lists.childVector);
  throwIfNull(lists, chunk.rowCount);
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
  throwIfNull(vector, vector.itemCount);
  return (vector as unknown as { readonly items: Float64Array }).items;
}

/** What the library keeps in the place of a null is some number. */
function throwIfNull(vector: DuckDBVector, count: number): void {
  const { validity } = vector as unknown as { readonly validity: { itemValid(index: number): boolean } };
  for (let i = 0; i < count; i++) if (!validity.itemValid(i)) throw new Error("lists of numbers have no nulls");
}
