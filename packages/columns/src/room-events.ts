import type { LastEventCount } from "@trinity/aggregation/room-last-event";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { catalogue } from "@trinity/events/catalogue";
import { daysOf } from "./days-of.ts";
import type { Parameters, SqlValue } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { ofFirstEvent, ofLastEvent } from "./first-event-sql.ts";
import type { ColumnsQuestion, LogColumns } from "./log-columns.ts";
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
  { rooms, leftOut, ...wanted }: Wanted & { readonly rooms: EndedRooms; readonly leftOut: ReadonlySet<string> },
  signal?: AbortSignal,
): Promise<readonly LastEventCount[] | null> {
  const types = catalogue.map(({ eventType }) => eventType).filter((eventType) => !leftOut.has(eventType));
  const counts: LastEventCount[] = [];
  for (let first = 0; first < rooms.roomIds.length; first += roomsAtOnce) {
    const found = await readRows(columns, wanted, lastEventsSql(types, leftOut, wanted), parametersOf(rooms, first), signal);
    if (found === null) return null;
    const undecided: UndecidedRoom[] = [];
    for (const [isAbandoned, type, count, roomId, atMs] of found) {
      if (roomId === null) counts.push(lastEventCount(isAbandoned, types[(type as number) - 1], count));
      else undecided.push({ roomId, atMs, isAbandoned } as UndecidedRoom);
    }
    const decided = await decide(columns, { ...wanted, undecided, leftOut }, signal);
    if (decided === null) return null;
    counts.push(...decided);
  }
  return counts;
}

/** A room whose last event its place does not tell: events of several types have the place, or the type is not in the catalogue. */
type UndecidedRoom = { readonly roomId: string; readonly atMs: number; readonly isAbandoned: boolean };

function lastEventCount(isAbandoned: SqlValue | undefined, eventType: SqlValue | undefined, rooms: SqlValue | undefined): LastEventCount {
  return { isAbandoned: isAbandoned as boolean, eventType: eventType as string, rooms: rooms as number };
}

/**
 * Packs time, order number and type into one number: the greatest of a room is its last event. A second number has the types in descending order:
 * where both give the same type, no other type has that place. Each event is looked at once, and no id is read, which takes longest.
 * @param types that count, from 1 on; 0 is any other but those that are left out
 * @returns rows: whether rooms were abandoned, their last type, and how many they are; an undecided room has one of its own, with its id and instant
 */
function lastEventsSql(types: readonly string[], leftOut: ReadonlySet<string>, { fromMs, toMs }: TimeRange): (rows: string) => string {
  const codes = types.length + 1;
  const orders = Math.max(1, Math.floor(placesMax / (toMs - fromMs) / codes));
  // To look a type up in a list takes a fifth of the time of comparing it with those that are left out.
  const known = [...types, ...leftOut].map(text).join(", ");
  return (rows) => `
    WITH asked AS MATERIALIZED (
      -- Their numbers in a third list would take five times as long as the two.
      SELECT roomId, ended >> 1 AS endMs, (ended & 1)::BOOLEAN AS isAbandoned, (row_number() OVER ())::INTEGER AS number
      FROM (SELECT unnest(string_split($roomIds, $separator)) AS roomId, unnest(string_split($ended, ' ')::BIGINT[]) AS ended)
    ),
    event AS (
      SELECT roomId, atMs, coalesce(list_position([${known}], eventType), 0) AS type,
        ((atMs - ${fromMs}) * ${orders} + least(orderNumber, ${orders - 1})) * ${codes} AS place
      FROM ${rows}
    ),
    latest AS MATERIALIZED (
      SELECT number, max(place + type) AS greatest, max(place + ${types.length} - type) AS greatestDescending
      FROM event JOIN asked USING (roomId) WHERE atMs < endMs AND type <= ${types.length} GROUP BY number
    ),
    placed AS (
      SELECT number, greatest % ${codes} AS type, greatest // ${codes} AS place,
        type > 0 AND type + greatestDescending % ${codes} = ${types.length} AS isDecided
      FROM latest
    )
    SELECT isAbandoned, type::INTEGER, count(*)::DOUBLE, if(isDecided, NULL, roomId) AS room, (any_value(place) // ${orders} + ${fromMs})::DOUBLE
    FROM placed JOIN asked USING (number) GROUP BY isAbandoned, type, room`;
}

/** Half of what a BIGINT holds, so that rounding cannot overflow it. */
const placesMax = 2 ** 62;

/** Finds the last types of undecided rooms. Only files of the days of their last instants are read. */
async function decide(
  columns: LogColumns,
  { undecided, leftOut, throughSeq }: { undecided: readonly UndecidedRoom[]; leftOut: ReadonlySet<string>; throughSeq: number },
  signal: AbortSignal | undefined,
): Promise<readonly LastEventCount[] | null> {
  const ranges = daysOf(undecided.map(({ atMs }) => atMs));
  const sql = (rows: string) => `
    WITH asked AS (
      SELECT unnest($rooms::JSON::VARCHAR[]) AS roomId, unnest($times::JSON::BIGINT[]) AS atMs, unnest($areAbandoned::JSON::BOOLEAN[]) AS isAbandoned
    ),
    decided AS (
      SELECT roomId, isAbandoned, ${ofLastEvent("eventType")} AS eventType FROM ${rows} JOIN asked USING (roomId, atMs)
      WHERE eventType NOT IN (${[...leftOut].map(text).join(", ")}) GROUP BY ALL
    )
    SELECT isAbandoned, eventType, count(*)::DOUBLE FROM decided GROUP BY ALL`;
  const parameters = {
    rooms: JSON.stringify(undecided.map(({ roomId }) => roomId)),
    times: JSON.stringify(undecided.map(({ atMs }) => atMs)),
    areAbandoned: JSON.stringify(undecided.map(({ isAbandoned }) => isAbandoned)),
  };
  const found = await readRanges(columns, { ranges, throughSeq, sql, parameters }, signal);
  return found && found.map(([isAbandoned, eventType, count]) => lastEventCount(isAbandoned, eventType, count));
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
  return readRanges(columns, { ranges: fromMs < toMs ? [{ fromMs, toMs }] : [], throughSeq, sql, parameters }, signal);
}

type RangesQuestion = Pick<ColumnsQuestion, "ranges" | "throughSeq"> & {
  readonly sql: (rows: string) => string;
  readonly parameters: Parameters;
};

async function readRanges(
  columns: LogColumns,
  { sql, parameters, ...asked }: RangesQuestion,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly SqlValue[])[] | null> {
  if (asked.ranges.length === 0) return [];
  const statement = (rows: string) => ({ sql: sql(rows), parameters });
  const values = await columns.read({ table: eventTable, ...asked, statement }, signal);
  return values && (values[0] ?? []).map((_, row) => values.map((column) => column[row] as SqlValue));
}
