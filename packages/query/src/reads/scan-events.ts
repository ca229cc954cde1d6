import type { TimeRange } from "@trinity/aggregation/time-range";
import type { StoredEvent } from "@trinity/events/event";
import { pagesOfChunks } from "./chunk-pages.ts";
import type { Reader } from "./reader.ts";
import { ScanBudget, scanMax } from "./scan-limit.ts";

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
  const wanted = { ranges: [range], throughSeq: moment.watermark.seq };
  for await (const chunks of pagesOfChunks(store, wanted, pageEvents, budget, signal)) {
    for (const { events } of chunks) for (const event of events) accumulator.add(event);
  }
  return accumulator;
}
