import { DuckDBInstance } from "@duckdb/node-api";
import type { StoredEvent } from "@trinity/events/event";

/** Events as a table of an engine that is not ours. */
export type EventsInDuckDb = {
  /** Rows of a query over the table `events`: `ord` is the place in the order of time and id, `ts` is Unix milliseconds. Integers come as numbers. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): void;
};

const columns = ["eventId", "eventType", "userId", "roomId", "sessionId", "contentId", "screen", "platform"] as const;

/** All events of people: what machines report of themselves is left out. */
const table = `
  create table events as
    select *, row_number() over (order by ts, eventId) as ord from told where eventType not in ('span', 'log_record', 'metric_point')`;

export async function openEventsInDuckDb(events: readonly StoredEvent[]): Promise<EventsInDuckDb> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(`create table told (ts bigint, ${columns.map((name) => `${name} varchar`).join(", ")})`);
  const appender = await connection.createAppender("told");
  for (const { timestampMs, properties, context, ...event } of events) {
    const { contentId, screen } = properties;
    const row = { ...event, contentId, screen, platform: context.platform ?? "unknown" };
    appender.appendBigInt(BigInt(timestampMs));
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
