import { setImmediate as turn } from "node:timers/promises";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { StoredEvent } from "@trinity/events/event";
import type { Reader } from "./reader.ts";
import { ScanBudget, ScanLimitError, scanMax } from "./scan-limit.ts";

/** Small, because other questions are answered only between two pages. */
const pageEvents = 5_000;

/** Takes events in any order, and says which it wants: those that happened in `[fromMs, toMs)`. */
export type EventAccumulator = {
  readonly range: TimeRange;
  add(event: StoredEvent): void;
};

/**
 * Shows an accumulator the events of its range, up to the watermark. Chunks are read whole, so it sees some others as well.
 * @throws {ScanLimitError} when more than 2 million events would have to be read
 */
export async function scanEvents<Accumulator extends EventAccumulator>(
  { store, moment, signal }: Pick<Reader, "store" | "moment" | "signal">,
  accumulator: Accumulator,
): Promise<Accumulator> {
  const { range } = accumulator;
  // An empty range.
  if (!(range.fromMs < range.toMs)) return accumulator;
  const budget = new ScanBudget(scanMax, "events");
  for (let afterSeq = 0; ; await turn()) {
    signal?.throwIfAborted();
    const chunks = await store.readChunksInRanges({ ranges: [range], afterSeq, throughSeq: moment.watermark.seq }, pageEvents);
    if (chunks.length === 0) return accumulator;
    for (const { seq, events } of chunks) {
      afterSeq = seq;
      budget.spend(events.length);
      for (const event of events) accumulator.add(event);
    }
  }
}

/** @returns `null` when there are too many events for one answer */
export async function scanEventsIfFew<Accumulator extends EventAccumulator>(
  reader: Pick<Reader, "store" | "moment" | "signal">,
  accumulator: Accumulator,
): Promise<Accumulator | null> {
  try {
    return await scanEvents(reader, accumulator);
  } catch (error) {
    if (error instanceof ScanLimitError) return null;
    throw error;
  }
}
