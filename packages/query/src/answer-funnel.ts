import { FunnelAccumulator, type FunnelQuery, type FunnelStep } from "@trinity/aggregation/funnel";
import type { EventStore } from "@trinity/storage/event-store";
import { accumulateEvents } from "./reads/accumulate-events.ts";

export type FunnelAnswer = {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly FunnelStep[];
  /** Everything acknowledged before this instant is in the answer. */
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Answers one question about a funnel, from the log.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError} when range and window together hold too many events
 */
export async function answerFunnel(store: EventStore, query: FunnelQuery, nowMs: number): Promise<FunnelAnswer> {
  const { accumulator, freshness } = await accumulateEvents(store, nowMs, (asOfMs) => new FunnelAccumulator(query, asOfMs));
  return { from: new Date(query.fromMs).toISOString(), to: new Date(query.toMs).toISOString(), steps: accumulator.steps(), ...freshness };
}
