import type { TimeRange } from "@trinity/aggregation/time-range";
import type { Parameters, SqlValue } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import type { LogColumns } from "./log-columns.ts";
import { text } from "./sql-text.ts";

type Wanted = TimeRange & { readonly throughSeq: number };
/** The place of an event in the order that all events have. */
type Stamp = { readonly atMs: number; readonly order: number; readonly eventId: string };

const orderNumber = "coalesce(sequence, (position->>'$.index')::BIGINT, 0)";
const stamp = `{atMs: atMs, "order": ${orderNumber}, eventId: eventId}`;

/**
 * @param endMs by room, before which its event must be
 * @param leftOut event types that do not count
 * @returns the last event of each room in the range; null where columns cannot be read
 * @throws {EngineError}
 */
export async function lastEventsOfRooms(
  columns: LogColumns,
  { endMs, leftOut, ...wanted }: Wanted & { readonly endMs: ReadonlyMap<string, number>; readonly leftOut: Iterable<string> },
  signal?: AbortSignal,
): Promise<readonly (Stamp & { readonly roomId: string; readonly eventType: string })[] | null> {
  const types = [...leftOut].map(text).join(", ");
  const rooms = JSON.stringify([...endMs].map(([roomId, ms]) => ({ roomId, endMs: ms })));
  const sql = (rows: string) => `
    WITH asked AS (SELECT unnest(from_json($rooms::JSON, '[{"roomId": "VARCHAR", "endMs": "BIGINT"}]'), recursive := true))
    SELECT roomId, arg_max(eventType, ${stamp}), ${maxStamp}
    FROM ${rows} JOIN asked USING (roomId)
    WHERE ${isIn(wanted)} AND atMs < endMs AND eventType NOT IN (${types})
    GROUP BY roomId`;
  const found = await readRows(columns, wanted, sql, { rooms }, signal);
  return found?.map(([roomId, eventType, atMs, order, eventId]) => ({ roomId, eventType, atMs, order, eventId }) as never) ?? null;
}

const maxStamp = `max(atMs)::DOUBLE, arg_max(${orderNumber}, ${stamp})::DOUBLE, arg_max(eventId, ${stamp})`;
const minStamp = `min(atMs)::DOUBLE, arg_min(${orderNumber}, ${stamp})::DOUBLE, arg_min(eventId, ${stamp})`;

/**
 * @returns of each title voted on in one of the rooms, the first vote and the position that it says; null where columns cannot be read
 * @throws {EngineError}
 */
export async function firstVotesInRooms(
  columns: LogColumns,
  { roomIds, ...wanted }: Wanted & { readonly roomIds: Iterable<string> },
  signal?: AbortSignal,
): Promise<readonly (Stamp & { readonly roomId: string; readonly contentId: string; readonly position: number | null })[] | null> {
  const sql = (rows: string) => `
    WITH asked AS (SELECT unnest($rooms::JSON::VARCHAR[]) AS roomId)
    SELECT roomId, contentId, arg_min({said: (propertiesJson->>'$.position')::DOUBLE}, ${stamp}).said, ${minStamp}
    FROM ${rows} JOIN asked USING (roomId)
    WHERE ${isIn(wanted)} AND eventType = 'vote_content' AND contentId IS NOT NULL
    GROUP BY roomId, contentId`;
  const found = await readRows(columns, wanted, sql, { rooms: JSON.stringify([...roomIds]) }, signal);
  return (
    found?.map(([roomId, contentId, position, atMs, order, eventId]) => ({ roomId, contentId, position, atMs, order, eventId }) as never) ??
    null
  );
}

function isIn({ fromMs, toMs }: TimeRange): string {
  return `atMs >= ${fromMs} AND atMs < ${toMs}`;
}

async function readRows(
  columns: LogColumns,
  { fromMs, toMs, throughSeq }: Wanted,
  sql: (rows: string) => string,
  parameters: Parameters,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly SqlValue[])[] | null> {
  if (!(fromMs < toMs)) return [];
  const statement = (rows: string) => ({ sql: sql(rows), parameters });
  const values = await columns.read({ table: eventTable, throughSeq, fromMs, toMs, statement }, signal);
  return values === null ? null : (values[0] ?? []).map((_, row) => values.map((column) => column[row] as SqlValue));
}
