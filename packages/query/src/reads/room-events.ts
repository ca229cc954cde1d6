import { type PositionAccumulator, positionBand } from "@trinity/aggregation/rejection-patterns";
import { endingEvents, type LastEventAccumulator } from "@trinity/aggregation/room-last-event";
import { firstVotePositions, lastEventTypes } from "@trinity/columns/room-events";
import { fromColumns } from "./from-columns.ts";
import type { Reader } from "./reader.ts";
import { scanEvents } from "./scan-events.ts";
import { ScanLimitError } from "./scan-limit.ts";

/** @returns the type of the last event of a room, `none` without one; null when there are too many events for one answer */
export function readLastEvents(wanted: LastEventAccumulator, reader: Reader): Promise<((roomId: string) => string) | null> {
  return ifNotTooMuch(async () => {
    const asked = { ...wanted.range, throughSeq: reader.moment.watermark.seq, endMs: wanted.endMs, leftOut: endingEvents };
    const types = await fromColumns(reader, (columns, signal) => lastEventTypes(columns, asked, signal));
    if (types !== null) return (roomId) => types.get(roomId) ?? "none";
    await scanEvents(reader, wanted);
    return (roomId) => wanted.typeOf(roomId);
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
