/** The process of the engine: runs statements for the process that started it, and ends with it. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { ColumnValues, EngineReply, EngineRequest, Statement } from "./messages.ts";

const settings = JSON.parse(process.argv[2] as string) as Record<string, string>;
const instance = await DuckDBInstance.create(":memory:", settings);
const running = new Map<number, DuckDBConnection>();

process.on("message", (request: EngineRequest) => {
  if (request.kind === "cancel") running.get(request.id)?.interrupt();
  else void read(request.id, request).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit(0));

async function read(id: number, { sql, parameters }: Statement): Promise<EngineReply> {
  const connection = await instance.connect();
  running.set(id, connection);
  try {
    const reader = await connection.runAndReadAll(sql, parameters);
    return { id, ok: true, columns: reader.getColumnsJS() as unknown as ColumnValues };
  } catch (error) {
    return { id, ok: false, message: (error as Error).message };
  } finally {
    running.delete(id);
    connection.closeSync();
  }
}
