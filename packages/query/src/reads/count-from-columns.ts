import type { Accumulator } from "@trinity/aggregation/accumulator";
import { logRangesOf, type SubQueryPlan, shortLogMs } from "@trinity/aggregation/sub-query";
import { lengthOf } from "@trinity/aggregation/time-range";
import { countFacts, type FactCount } from "@trinity/columns/count-facts";
import { refuseTooMuch } from "./from-columns.ts";
import type { Reader } from "./reader.ts";

/**
 * Counts from columns what accumulators need of the log.
 * @returns the accumulators that were filled: to the others, which cannot be counted so, nothing was added
 * @throws {ScanLimitError} when the engine would need more memory or time than one answer may take
 */
export async function countFromColumns(
  { columns, signal }: Pick<Reader, "columns" | "signal">,
  counts: readonly FactCount[],
  throughSeq: number,
): Promise<ReadonlySet<Accumulator>> {
  if (columns === undefined) return new Set();
  const slow = counts.filter(({ accumulator: { subQuery } }) => !isReadFast(subQuery));
  return countFacts(columns, slow, throughSeq, signal).catch(refuseTooMuch);
}

/**
 * Whether the log or its entities take less time: an index finds the rooms of a range, while columns make all rooms of all their events. Of
 * chunks the log has no index by the time of receipt.
 */
export function isReadFast(subQuery: SubQueryPlan): boolean {
  const { origin } = subQuery.measure;
  const origins: readonly string[] = typeof origin === "string" ? [origin] : origin;
  return origins.includes("room") || (origins.includes("events") && lengthOf(logRangesOf(subQuery)) <= shortLogMs);
}
