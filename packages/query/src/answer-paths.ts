import { PathAccumulator, type PathQuery, type Paths } from "@trinity/aggregation/path";
import type { EventStore } from "@trinity/storage/event-store";
import { accumulateEvents } from "./reads/accumulate-events.ts";

export type PathsAnswer = Paths & {
  readonly from: string;
  readonly to: string;
  /** Everything acknowledged before this instant is in the answer. */
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Answers one question about paths, from the log.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when the range, with a day before and after, holds too many events
 */
export async function answerPaths(store: EventStore, query: PathQuery, nowMs: number): Promise<PathsAnswer> {
  const { accumulator, freshness } = await accumulateEvents(store, nowMs, (asOfMs) => new PathAccumulator(query, asOfMs));
  return { from: new Date(query.fromMs).toISOString(), to: new Date(query.toMs).toISOString(), ...accumulator.paths(), ...freshness };
}
