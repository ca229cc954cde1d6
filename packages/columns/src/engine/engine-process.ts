/** The process of the engine: runs statements for the process that started it, and ends with it. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnValues, EngineReply, EngineRequest, Statement } from "./messages.ts";

// The library makes one decoder when it is loaded. Without this it drops U+FEFF at the start of a value.
globalThis.TextDecoder = class extends TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean }) {
    super(label, { ignoreBOM: true, ...options });
  }
};
const { DuckDBInstance } = await import("@duckdb/node-api");

const settings = JSON.parse(process.argv[2] as string) as Record<string, string>;
const instance = await DuckDBInstance.create(":memory:", settings);
/** The statements that run; null until one has its connection. */
const running = new Map<number, DuckDBConnection | null>();
const cancelled = new Set<number>();
const againAfterMs = 50;

process.on("message", (request: EngineRequest) => {
  if (request.kind === "cancel") cancel(request.id);
  else void read(request.id, request).then((reply) => process.send?.(reply));
});
// An orderly exit waits for the statements that run.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

/** Interrupts until the statement has ended: an interrupt before its first step has no effect. */
function cancel(id: number): void {
  if (!running.has(id)) return;
  cancelled.add(id);
  running.get(id)?.interrupt();
  setTimeout(() => cancel(id), againAfterMs).unref();
}

async function read(id: number, { sql, parameters }: Statement): Promise<EngineReply> {
  running.set(id, null);
  let connection: DuckDBConnection | null = null;
  try {
    connection = await instance.connect();
    running.set(id, connection);
    if (cancelled.has(id)) return { id, ok: false, message: "INTERRUPT Error: interrupted before it began" };
    const reader = await connection.runAndReadAll(sql, parameters);
    return { id, ok: true, columns: reader.getColumnsJS() as unknown as ColumnValues };
  } catch (error) {
    return { id, ok: false, message: (error as Error).message };
  } finally {
    running.delete(id);
    cancelled.delete(id);
    connection?.closeSync();
  }
}
