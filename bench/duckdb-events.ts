import { existsSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { findDefinition } from "@trinity/events/catalogue";
import type { StoredEvent } from "@trinity/events/event";
import { SingleBar } from "cli-progress";
import type { DashboardStore } from "./dashboard-store.ts";
import { dashboardTraffic } from "./dashboard-traffic.ts";

/** The events of a store as a table of typed columns, with ids as numbers: only the columns that the questions need. */
const columns = {
  at_ms: "BIGINT",
  type: "VARCHAR",
  user_action: "BOOLEAN",
  person: "INTEGER",
  session: "INTEGER",
  room: "INTEGER",
  platform: "VARCHAR",
  age_band: "VARCHAR",
  vote: "VARCHAR",
  genres: "VARCHAR",
  seats: "INTEGER",
  route: "VARCHAR",
  duration_us: "BIGINT",
} as const;
const rowsAFile = 500_000;

/** Opens the DuckDB file beside a store; creates it, sorted by time like the events, if it does not exist. */
export async function openDuckdbEvents({ dataDir, traffic }: DashboardStore): Promise<DuckDBConnection> {
  const path = `${dataDir}.duckdb`;
  if (!existsSync(path)) await fill(path, dashboardTraffic(traffic), traffic.events);
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  return instance.connect();
}

async function fill(path: string, events: Iterable<StoredEvent>, count: number): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const csv = `${path}.csv`;
  rmSync(unfinished, { force: true });
  const instance = await DuckDBInstance.create(unfinished);
  const connection = await instance.connect();
  const bar = new SingleBar({ format: "{events} events into DuckDB {bar} {percentage}%", stream: process.stderr });
  bar.start(count, 0, { events: count });
  const source = `SELECT make_timestamp(at_ms * 1000) AS ts, * EXCLUDE (at_ms, genres), string_split(genres, ';') AS genres
    FROM read_csv('${csv}', header = false, columns = ${JSON.stringify(columns).replaceAll('"', "'")}, nullstr = '')`;
  let made = false;
  for await (const rows of csvFiles(csv, events)) {
    await connection.run(made ? `INSERT INTO event ${source}` : `CREATE TABLE event AS ${source}`);
    made = true;
    bar.increment(rows);
  }
  bar.stop();
  await connection.run("CHECKPOINT");
  connection.closeSync();
  instance.closeSync();
  rmSync(csv, { force: true });
  renameSync(unfinished, path);
}

/** Writes the events to one file after the other, each replacing the previous. */
async function* csvFiles(path: string, events: Iterable<StoredEvent>): AsyncGenerator<number> {
  const numbers = { person: new Map<string, number>(), session: new Map<string, number>(), room: new Map<string, number>() };
  let lines: string[] = [];
  const write = async () => {
    const file = await open(path, "w");
    await file.writeFile(lines.join("\n"));
    await file.close();
  };
  for (const { eventType, timestampMs, userId, sessionId, roomId, context, properties } of events) {
    const { vote, genres, seats, route, durationUs } = properties;
    const isAction = userId !== null && findDefinition(eventType)?.userAction === true;
    const ids = [numberOf(numbers.person, userId), numberOf(numbers.session, sessionId), numberOf(numbers.room, roomId)];
    const about = [context.platform, context.ageBand, vote, Array.isArray(genres) ? genres.join(";") : "", seats, route, durationUs];
    lines.push([timestampMs, eventType, isAction, ...ids, ...about].join(","));
    if (lines.length < rowsAFile) continue;
    await write();
    yield lines.length;
    lines = [];
  }
  if (lines.length === 0) return;
  await write();
  yield lines.length;
}

function numberOf(numbers: Map<string, number>, id: string | null): number | "" {
  if (id === null) return "";
  let number = numbers.get(id);
  if (number === undefined) numbers.set(id, (number = numbers.size));
  return number;
}
