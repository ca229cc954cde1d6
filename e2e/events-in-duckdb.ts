import { DuckDBInstance } from "@duckdb/node-api";
import type { StoredEvent } from "@trinity/events/event";

/** Events as a table of another engine, DuckDB. */
export type EventsInDuckDb = {
  /** Rows of a query over the table `events`: `ts` is Unix milliseconds, `ord` the position in the order of all events; of two with
   * the same `lane` the `orderNo` says which came first. Integers come as numbers. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): void;
};

const numbers = ["timestampMs", "sequence", "batch", "index"] as const;
const columns = [
  "eventId",
  "eventType",
  "userId",
  "roomId",
  "sessionId",
  "contentId",
  "screen",
  "platform",
  "system",
  "component",
] as const;

/** All events of people, without reports of machines. */
const table = `
  create table events as
    select *, timestampMs as ts, coalesce(sequence, "index", 0) as orderNo,
      if(sequence is null, batch::varchar, concat_ws('/', system, coalesce(component, ''), coalesce(sessionId, ''))) as lane,
      row_number() over (order by ts, orderNo, eventId) as ord
    from told where eventType not in ('span', 'log_record', 'metric_point')`;

export async function openEventsInDuckDb(events: readonly StoredEvent[]): Promise<EventsInDuckDb> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const typed = [...numbers.map((name) => `"${name}" bigint`), ...columns.map((name) => `${name} varchar`)];
  await connection.run(`create table told (${typed.join(", ")})`);
  const appender = await connection.createAppender("told");
  for (const { properties, context, position, source, ...event } of events) {
    const { contentId, screen } = properties;
    const row = { ...event, ...position, ...source, contentId, screen, platform: context.platform ?? "unknown" };
    for (const name of numbers) {
      const value = row[name];
      if (typeof value === "number") appender.appendBigInt(BigInt(value));
      else appender.appendNull();
    }
    for (const name of columns) {
      const value = row[name];
      if (typeof value === "string") appender.appendVarchar(value);
      else appender.appendNull();
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(table);
  return {
    rows: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      return reader
        .getRowObjectsJS()
        .map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value])),
        );
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
