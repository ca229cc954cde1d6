import { type PositionAccumulator, positionBand } from "@trinity/aggregation/rejection-patterns";
import { endingEvents, type LastEventAccumulator, type LastEventCount } from "@trinity/aggregation/room-last-event";
import { countLastEvents, firstVotePositions } from "@trinity/columns/room-events";
import { fromColumns } from "./from-columns.ts";
import type { Reader } from "./reader.ts";
import { scanEvents } from "./scan-events.ts";
import { ScanLimitError } from "./scan-limit.ts";

/** @returns how many of the rooms had an event of a type last; null when there are too many events or rooms for one answer */
export async function readLastEvents(rooms: LastEventAccumulator, reader: Reader): Promise<readonly LastEventCount[] | null> {
  if (rooms.isTooMany) return null;
  return ifNotTooMuch(async () => {
    const asked = { ...rooms.range, throughSeq: reader.moment.watermark.seq, rooms, leftOut: endingEvents };
    const counts = await fromColumns(reader, (columns, signal) => countLastEvents(columns, asked, signal));
    if (counts !== null) return rooms.withoutAny(counts);
    return (await scanEvents(reader, rooms)).counts();
  });
}

/** @returns the band of the position at which a title stood in a room; null when there are too many events for one answer */
export function readPositions(
  wanted: PositionAccumulator,
  reader: Reader,
): Promise<((roomId: string, contentId: string) => string) | null> {
  return ifNotTooMuch(async () => {
    const asked = { ...wanted.range, throughSeq: reader.moment.watermark.seq, roomIds: wanted.rooms };
    const positions = await fromColumns(reader, (columns, signal) => firstVotePositions(columns, asked, signal));
    if (positions !== null) return (roomId, contentId) => positionBand(positions.get(`${roomId}/${contentId}`) ?? null);
    await scanEvents(reader, wanted);
    return (roomId, contentId) => wanted.bandOf(roomId, contentId);
  });
}

async function ifNotTooMuch<Found>(read: () => Promise<Found>): Promise<Found | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ScanLimitError) return null;
    throw error;
  }
}
