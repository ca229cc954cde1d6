import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { telemetryTypes } from "@trinity/aggregation/telemetry-event";
import { readManifest } from "@trinity/columns/manifest";
import { catalogue } from "@trinity/events/catalogue";

/** The events of a log as one table in the memory of this process, and how long it took to fill. */
export type DuckdbLog = { readonly connection: DuckDBConnection; readonly fillSeconds: number; readonly close: () => void };

/** Columns of few distinct texts, in order of text. */
const enumerated = [
  "eventType",
  "platform",
  "deviceType",
  "locale",
  "appVersion",
  "ageBand",
  "contentId",
  "vote",
  "mediaType",
  "service",
  "route",
  "statusClass",
];
const userActions = catalogue.flatMap(({ eventType, userAction }) => (userAction ? [eventType] : []));

/**
 * Reads the segments of a log into a table `event` of typed columns, in the order of the log: times and counts as numbers, ids of rooms and
 * sessions as 64-bit hashes, few distinct texts as enumerations.
 */
export async function openDuckdbLog(dataDir: string, threads: number): Promise<DuckdbLog> {
  const startMs = performance.now();
  const instance = await DuckDBInstance.create(":memory:", { threads: `${threads}`, temp_directory: "" });
  const connection = await instance.connect();
  const source = `read_parquet(${listOf(eventFiles(join(dataDir, "segments")))})`;
  for (const name of enumerated) await connection.run(enumeration(name, `SELECT ${name} FROM ${source}`));
  await connection.run(enumeration("genre", `SELECT unnest(genres) FROM ${source}`));
  await connection.run(`
    CREATE TABLE event AS
    SELECT seq, "index", eventId::UUID AS eventId, atMs, orderNumber, userNumber, ${numbered("roomId", "room")}, ${numbered("sessionId", "session")},
      eventType NOT IN (${textsOf(telemetryTypes)}) AS isProduct,
      userNumber IS NOT NULL AND eventType IN (${textsOf(userActions)}) AS isAction,
      ${enumerated.map((name) => `${name}::${name}Name AS ${name}`).join(", ")},
      genres::genreName[] AS genres, recommended, failed, eventType = 'span' AND kind = 'server' AS isRequest, durationUs
    FROM ${source} ORDER BY seq, "index"`);
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, fillSeconds: (performance.now() - startMs) / 1_000, close };
}

/** @returns the numbers in the column `value` of a statement, where one cell may have several */
export async function duckdbValues({ connection }: DuckdbLog, sql: string): Promise<readonly number[]> {
  const { value = [] } = (await connection.runAndReadAll(sql)).getColumnsObjectJS();
  return value.flat().map(Number);
}

function eventFiles(segmentsDir: string): readonly string[] {
  const manifest = readManifest(segmentsDir);
  if (manifest === null) throw new Error(`${segmentsDir} has no segments of this release: seal the log first`);
  return manifest.segments.flatMap(({ table, file }) => (table === "event" ? [join(segmentsDir, file)] : []));
}

function enumeration(name: string, texts: string): string {
  return `CREATE TYPE ${name}Name AS ENUM (SELECT DISTINCT one FROM (${texts}) texts(one) WHERE one IS NOT NULL ORDER BY one)`;
}

function numbered(id: string, name: string): string {
  return `if(${id} IS NULL, NULL, hash(${id})) AS ${name}`;
}

function textsOf(texts: Iterable<string>): string {
  return [...texts].map((text) => `'${text.replaceAll("'", "''")}'`).join(", ");
}

function listOf(texts: Iterable<string>): string {
  return `[${textsOf(texts)}]`;
}
