import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Fact } from "@trinity/aggregation/row";
import { logRangesOf } from "@trinity/aggregation/sub-query";
import { joinTimeRanges } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "@trinity/storage/event-store";
import { readContributions } from "./read-contributions.ts";

export type LogScan = {
  /** Only these users count; null for all users. */
  readonly userFilter: UserSet | null;
  readonly throughSeq: number;
  /** How many events or entities one scan may read. */
  readonly scanMax: number;
};

/**
 * Counts what the sub-queries need of the log. Those whose measures have the same origin share one scan.
 * @param onFact called with each fact that was read, in the order of the log
 * @throws {ScanLimitError}
 */
export async function accumulateLog(
  store: EventStore,
  accumulators: readonly Accumulator[],
  { userFilter, throughSeq, scanMax }: LogScan,
  onFact: (fact: Fact) => void = () => {},
): Promise<void> {
  const fromLog = accumulators.filter(({ subQuery }) => logRangesOf(subQuery).length > 0);
  for (const alike of Map.groupBy(fromLog, ({ subQuery }) => String(subQuery.measure.origin)).values()) {
    const ranges = joinTimeRanges(alike.flatMap(({ subQuery }) => logRangesOf(subQuery)));
    const [{ subQuery } = { subQuery: undefined }] = alike;
    if (subQuery === undefined) continue;
    for await (const facts of readContributions(store, subQuery.measure.origin, { ranges, throughSeq, userFilter }, scanMax)) {
      for (const fact of facts) {
        for (const contribution of fact.contributions) for (const accumulator of alike) accumulator.addContribution(contribution);
        onFact(fact);
      }
    }
  }
}
