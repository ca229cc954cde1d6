/**
 * The floor that ingest is compared with: parse, insert, acknowledge, and nothing else. One table with a unique text id and two
 * secondary indexes, WAL with synchronous=NORMAL, and one transaction for everything that is ready in one iteration of the event loop.
 * No validation, no pseudonyms, no rollups, no entities. `node floor-server.ts <database file>`
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventBody } from "@trinity/simulator/message";
import Database from "better-sqlite3";

const database = new Database(process.argv[2] as string);
for (const pragma of [
  "journal_mode = WAL",
  "synchronous = NORMAL",
  "cache_size = -65536",
  "wal_autocheckpoint = 4000",
  "temp_store = MEMORY",
  "mmap_size = 1073741824",
]) {
  database.pragma(pragma);
}
database.exec(`
  CREATE TABLE event (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event_type TEXT NOT NULL, at_ms INTEGER NOT NULL, user_id TEXT NOT NULL,
    room_id TEXT, session_id TEXT, platform TEXT, user_agent TEXT, ip_address TEXT, properties TEXT
  );
  CREATE INDEX event_by_type ON event (event_type, at_ms);
  CREATE INDEX event_by_user ON event (user_id, at_ms);
`);
const insert = database.prepare(`
  INSERT OR IGNORE INTO event (event_id, event_type, at_ms, user_id, room_id, session_id, platform, user_agent, ip_address, properties)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
const count = database.prepare<[], number>("SELECT count(*) FROM event").pluck();

type Waiting = { readonly events: readonly EventBody[]; readonly response: ServerResponse };
let waiting: Waiting[] = [];

const commitGroup = database.transaction((group: readonly Waiting[]) => {
  for (const { events } of group) for (const event of events) insertEvent(event);
});

function insertEvent({ eventId, eventType, timestamp, userId, roomId, sessionId, context, properties }: EventBody): void {
  const { platform, userAgent, ipAddress } = context;
  insert.run(
    eventId,
    eventType,
    Date.parse(timestamp),
    userId ?? "",
    roomId ?? null,
    sessionId ?? null,
    platform,
    userAgent ?? null,
    ipAddress ?? null,
    JSON.stringify(properties),
  );
}

function commitWaiting(): void {
  const group = waiting;
  waiting = [];
  commitGroup.immediate(group);
  for (const { events, response } of group) answer(response, 202, { accepted: events.length });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function take(body: Buffer, response: ServerResponse): void {
  const { events } = JSON.parse(body.toString()) as { events: readonly EventBody[] };
  if (waiting.push({ events, response }) === 1) setImmediate(commitWaiting);
}

function read(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.once("end", () => done(Buffer.concat(chunks)));
}

const server = createServer((request, response) => {
  if (request.method === "POST") read(request, (body) => take(body, response));
  else answer(response, 200, { events: count.get() });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready ${JSON.stringify({ ingest: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
process.once("SIGTERM", () => {
  database.close();
  process.exit(0);
});
