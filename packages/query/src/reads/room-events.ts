import type { PositionAccumulator } from "@trinity/aggregation/rejection-patterns";
import { endingEvents, type LastEventAccumulator } from "@trinity/aggregation/room-last-event";
import { firstVotesInRooms, lastEventsOfRooms } from "@trinity/columns/room-events";
import { refuseTooMuch } from "./count-from-columns.ts";
import type { Reader } from "./reader.ts";
import { scanEventsIfFew } from "./scan-events.ts";
import { ScanLimitError } from "./scan-limit.ts";

/** Finds the last event of each room. @returns null when there are too many events for one answer */
export async function readLastEvents(accumulator: LastEventAccumulator, reader: Reader): Promise<LastEventAccumulator | null> {
  const { range, endMs } = accumulator;
  const wanted = { ...range, throughSeq: reader.moment.watermark.seq, endMs, leftOut: endingEvents };
  const found = await ifNotTooMuch(reader.columns && lastEventsOfRooms(reader.columns, wanted, reader.signal));
  if (found === "too-much") return null;
  if (found === null) return scanEventsIfFew(reader, accumulator);
  for (const { roomId, ...last } of found) accumulator.set(roomId, last);
  return accumulator;
}

/** Finds where the titles of rooms stood. @returns null when there are too many events for one answer */
export async function readPositions(accumulator: PositionAccumulator, reader: Reader): Promise<PositionAccumulator | null> {
  const { range, rooms } = accumulator;
  const wanted = { ...range, throughSeq: reader.moment.watermark.seq, roomIds: rooms };
  const found = await ifNotTooMuch(reader.columns && firstVotesInRooms(reader.columns, wanted, reader.signal));
  if (found === "too-much") return null;
  if (found === null) return scanEventsIfFew(reader, accumulator);
  for (const first of found) accumulator.set(first);
  return accumulator;
}

async function ifNotTooMuch<Found>(finding: Promise<Found> | undefined): Promise<Found | "too-much" | null> {
  if (finding === undefined) return null;
  return finding.catch(refuseTooMuch).catch((error: unknown) => {
    if (error instanceof ScanLimitError) return "too-much" as const;
    throw error;
  });
}
