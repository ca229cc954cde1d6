import type { TimeRange } from "@trinity/aggregation/time-range";
import type { Parameters, SqlValue } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { ofFirstEvent, stampSql } from "./first-event-sql.ts";
import type { LogColumns } from "./log-columns.ts";
import { text } from "./sql-text.ts";

type Wanted = TimeRange & { readonly throughSeq: number };

/**
 * @param endMs by room, before which its event must be
 * @param leftOut event types that do not count
 * @returns by room, the type of its last event in the range; null where columns cannot be read
 * @throws {EngineError}
 */
export async function lastEventTypes(
  columns: LogColumns,
  { endMs, leftOut, ...wanted }: Wanted & { readonly endMs: ReadonlyMap<string, number>; readonly leftOut: Iterable<string> },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  const types = [...leftOut].map(text).join(", ");
  const rooms = JSON.stringify([...endMs].map(([roomId, ms]) => ({ roomId, endMs: ms })));
  const sql = (rows: string) => `
    WITH asked AS (SELECT unnest(from_json($rooms::JSON, '[{"roomId": "VARCHAR", "endMs": "BIGINT"}]'), recursive := true))
    SELECT roomId, arg_max(eventType, ${stampSql}) FROM ${rows} JOIN asked USING (roomId)
    WHERE ${isIn(wanted)} AND atMs < endMs AND eventType NOT IN (${types}) GROUP BY roomId`;
  const found = await readRows(columns, wanted, sql, { rooms }, signal);
  return found && new Map(found.map(([roomId, eventType]) => [roomId as string, eventType as string]));
}

/**
 * @returns by room and title voted on in it, joined by a slash, the position that the first vote says; null where columns cannot be read
 * @throws {EngineError}
 */
export async function firstVotePositions(
  columns: LogColumns,
  { roomIds, ...wanted }: Wanted & { readonly roomIds: Iterable<string> },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number | null> | null> {
  const position = ofFirstEvent("(propertiesJson->>'$.position')::DOUBLE");
  const sql = (rows: string) => `
    WITH asked AS (SELECT unnest($rooms::JSON::VARCHAR[]) AS roomId)
    SELECT roomId, contentId, ${position} FROM ${rows} JOIN asked USING (roomId)
    WHERE ${isIn(wanted)} AND eventType = 'vote_content' AND contentId IS NOT NULL GROUP BY roomId, contentId`;
  const found = await readRows(columns, wanted, sql, { rooms: JSON.stringify([...roomIds]) }, signal);
  return found && new Map(found.map(([roomId, contentId, said]) => [`${String(roomId)}/${String(contentId)}`, said as number | null]));
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
  const values = await columns.read({ table: eventTable, throughSeq, ranges: [{ fromMs, toMs }], statement }, signal);
  return values && (values[0] ?? []).map((_, row) => values.map((column) => column[row] as SqlValue));
}
