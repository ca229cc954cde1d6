import type { DuckDBConnection } from "@duckdb/node-api";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { StoredEvent } from "@trinity/events/event";

/** The input of the oracle: the log, and when each chunk was folded. Nothing that was computed from it. */
export type RawWorld = {
  readonly chunks: readonly { readonly chunk: LogChunk; readonly foldedAtMs: number }[];
};

/** The user actions of the catalogue, listed here a second time. */
export const userActionTypes: readonly string[] = `
  user_login user_logout user_registered profile_updated session_started screen_view search_performed
  request_ai_recommendation ai_recommendation_accepted view_match media_viewed list_added list_removed trailer_opened share_content
  invite_shared invite_opened invite_accepted room_created room_paused room_resumed join_room join_failed leave_room
  filters_update_rejected vote_content vote_rejected
  automation_created automation_updated automation_feedback template_created template_used template_rated
  theme_created theme_applied theme_rated theme_removed schedule_created schedule_updated schedule_attended schedule_cancelled
  role_created role_assigned moderation_action settings_updated settings_reset`
  .trim()
  .split(/\s+/);

const properties = {
  contentId: "VARCHAR",
  vote: "VARCHAR",
  genres: ["VARCHAR"],
  mediaType: "VARCHAR",
  releaseYear: "INTEGER",
  recommended: "BOOLEAN",
  seats: "INTEGER",
  titleCount: "BIGINT",
  level: "VARCHAR",
  service: "VARCHAR",
  route: "VARCHAR",
  statusClass: "VARCHAR",
  kind: "VARCHAR",
  failed: "BOOLEAN",
  durationUs: "BIGINT",
  metric: "VARCHAR",
  value: "DOUBLE",
  count: "BIGINT",
  sum: "DOUBLE",
};
const context = { platform: "VARCHAR", deviceType: "VARCHAR", locale: "VARCHAR", appVersion: "VARCHAR", ageBand: "VARCHAR" };
const ids = { eventId: "VARCHAR", userId: "VARCHAR", roomId: "VARCHAR", sessionId: "VARCHAR" };
const order = { sequence: "BIGINT", position: { index: "BIGINT" } };
const shapeOfEvent = { ...ids, ...order, eventType: "VARCHAR", timestampMs: "BIGINT", properties, context, source: { system: "VARCHAR" } };
const shapeOfChunk = { seq: "BIGINT", receivedAtMs: "BIGINT", foldedAtMs: "BIGINT", events: "BIGINT" };
const shapeOfReceipt = { receivedAtMs: "BIGINT", source: "VARCHAR", outcome: "VARCHAR", reason: "VARCHAR", count: "BIGINT" };

/** `told`: the events of the log, field by field. `chunk`, `receipt`: each delivery of the log. */
export const rawTables = `
  create table told (
    eventId varchar, eventType varchar, atMs bigint, orderNo bigint, userId varchar, roomId varchar, sessionId varchar,
    platform varchar, deviceType varchar, locale varchar, appVersion varchar, ageBand varchar, source varchar,
    contentId varchar, vote varchar, genres varchar[], mediaType varchar, releaseYear integer, recommended boolean,
    seats integer, titleCount bigint, level varchar,
    service varchar, route varchar, statusClass varchar, kind varchar, failed boolean, durationUs bigint,
    metric varchar, value double, n bigint, total double
  );
  create table chunk (seq bigint, receivedAtMs bigint, foldedAtMs bigint, events bigint);
  create table receipt (receivedAtMs bigint, source varchar, outcome varchar, reason varchar, n bigint);
`;

const rowsOfJson = (shape: object) => `(select unnest(from_json($json::json, '${JSON.stringify([shape])}')) as row)`;

const insertEvents = `
  insert into told
  select row.eventId, row.eventType, row.timestampMs, coalesce(row.sequence, row.position."index", 0), row.userId, row.roomId, row.sessionId,
    row.context.platform, row.context.deviceType, row.context.locale, row.context.appVersion, row.context.ageBand, row.source.system,
    said.contentId, said.vote, said.genres, said.mediaType, said.releaseYear, said.recommended, said.seats, said.titleCount, said.level,
    said.service, said.route, said.statusClass, said.kind, said.failed, said.durationUs, said.metric, said.value, said."count", said."sum"
  from (select row, row.properties as said from ${rowsOfJson(shapeOfEvent)})`;
const insertChunk = `insert into chunk select unnest(row) from ${rowsOfJson(shapeOfChunk)}`;
const insertReceipt = `insert into receipt select unnest(row) from ${rowsOfJson(shapeOfReceipt)}`;

/** How many events are passed in one JSON text. */
const pageEvents = 20_000;

/** Replaces the contents of the raw tables by a world. */
export async function loadRawWorld(connection: DuckDBConnection, { chunks }: RawWorld): Promise<void> {
  await connection.run("delete from told; delete from chunk; delete from receipt");
  const insert = (sql: string, rows: readonly object[]) => connection.run(sql, { json: JSON.stringify(rows) });
  let page: StoredEvent[] = [];
  for (const { chunk } of chunks) {
    page.push(...chunk.events);
    if (page.length < pageEvents) continue;
    await insert(insertEvents, page);
    page = [];
  }
  await insert(insertEvents, page);
  await insert(
    insertChunk,
    chunks.map(({ chunk: { seq, receivedAtMs, events }, foldedAtMs }) => ({ seq, receivedAtMs, foldedAtMs, events: events.length })),
  );
  await insert(
    insertReceipt,
    chunks.flatMap(({ chunk: { receivedAtMs, receipts } }) => receipts.map((receipt) => ({ receivedAtMs, ...receipt }))),
  );
}
