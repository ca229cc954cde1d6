import type { LastEventCount } from "@trinity/aggregation/room-last-event";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { Parameters, SqlValue } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { ofFirstEvent } from "./first-event-sql.ts";
import type { LogColumns } from "./log-columns.ts";
import { text } from "./sql-text.ts";

type Wanted = TimeRange & { readonly throughSeq: number };

/** Rooms, and at the same index when each ended and whether it was abandoned. */
type EndedRooms = { readonly roomIds: readonly string[]; readonly endMs: readonly number[]; readonly isAbandoned: readonly boolean[] };

/** The engine has their ids, and the last event of each, in memory at once. */
const roomsAtOnce = 1_000_000;

/**
 * @param wanted rooms, the ends that the events must be before, and event types that do not count
 * @returns how many rooms had an event of a type last in the range; null where columns cannot be read
 * @throws {EngineError}
 */
export async function countLastEvents(
  columns: LogColumns,
  { rooms, leftOut, ...wanted }: Wanted & { readonly rooms: EndedRooms; readonly leftOut: Iterable<string> },
  signal?: AbortSignal,
): Promise<readonly LastEventCount[] | null> {
  const counts: LastEventCount[] = [];
  for (let first = 0; first < rooms.roomIds.length; first += roomsAtOnce) {
    const found = await readRows(columns, wanted, lastEventsSql(leftOut), parametersOf(rooms, first), signal);
    if (found === null) return null;
    for (const [isAbandoned, eventType, count] of found)
      counts.push({ isAbandoned: isAbandoned as boolean, eventType: eventType as string, rooms: count as number });
  }
  return counts;
}

/** Time and order number as one number: the order that events have, but for those of which only the ids differ. */
const placeUnit = 2n ** 53n;

/**
 * The ids of events take longer to read than all else: only where events of several types share a room's last instant and order number do they
 * decide between the types. Types are left out of groups, because looking at each event would take longer than grouping it.
 */
function lastEventsSql(leftOut: Iterable<string>): (rows: string) => string {
  const unit = `${placeUnit}::HUGEINT`;
  const counts = `eventType NOT IN (${[...leftOut].map(text).join(", ")})`;
  return (rows) => `
    WITH asked AS MATERIALIZED (
      -- Their numbers in a third list would take five times as long as the two.
      SELECT roomId, ended >> 1 AS endMs, (ended & 1)::BOOLEAN AS isAbandoned, (row_number() OVER ())::INTEGER AS number
      FROM (SELECT unnest(string_split($roomIds, $separator)) AS roomId, unnest(string_split($ended, ' ')::BIGINT[]) AS ended)
    ),
    byType AS MATERIALIZED (
      SELECT number, eventType, max(atMs * ${unit} + orderNumber) AS place FROM ${rows} JOIN asked USING (roomId) WHERE atMs < endMs GROUP BY ALL
    ),
    latest AS MATERIALIZED (SELECT number, max(place) AS place FROM byType WHERE ${counts} GROUP BY number),
    found AS MATERIALIZED (
      SELECT number, place, any_value(eventType) AS eventType, count(*) AS types FROM byType JOIN latest USING (number, place) WHERE ${counts} GROUP BY ALL
    ),
    undecided AS MATERIALIZED (
      SELECT number, roomId, (place // ${unit})::BIGINT AS atMs, (place % ${unit})::BIGINT AS orderNumber FROM found JOIN asked USING (number) WHERE types > 1
    ),
    last AS (
      SELECT number, eventType FROM found WHERE types = 1
      UNION ALL
      SELECT number, arg_max(eventType, eventId) FROM ${rows} JOIN undecided USING (roomId, atMs, orderNumber)
      WHERE ${counts} GROUP BY number
    )
    SELECT isAbandoned, eventType, count(*)::DOUBLE FROM last JOIN asked USING (number) GROUP BY ALL`;
}

/** Texts that are split, which takes a fifth of the time of JSON. `ended`: twice the end, and 1 more if the room was abandoned. */
function parametersOf({ roomIds, endMs, isAbandoned }: EndedRooms, first: number): Parameters {
  const ids = roomIds.slice(first, first + roomsAtOnce);
  const separator = separatorOf(ids);
  const ended = ids.map((_, i) => 2 * (endMs[first + i] as number) + Number(isAbandoned[first + i]));
  return { separator, roomIds: ids.join(separator), ended: ended.join(" ") };
}

/** @returns the first character from the space on that no text has */
function separatorOf(texts: readonly string[]): string {
  for (let code = 0x20; ; code++) {
    const separator = String.fromCodePoint(code);
    if (!texts.some((one) => one.includes(separator))) return separator;
  }
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
    WHERE eventType = 'vote_content' AND contentId IS NOT NULL GROUP BY roomId, contentId`;
  const found = await readRows(columns, wanted, sql, { rooms: JSON.stringify([...roomIds]) }, signal);
  return found && new Map(found.map(([roomId, contentId, said]) => [`${String(roomId)}/${String(contentId)}`, said as number | null]));
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
