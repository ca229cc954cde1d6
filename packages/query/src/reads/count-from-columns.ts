import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Calendar } from "@trinity/aggregation/calendar";
import { logRangesOf, shortLogMs } from "@trinity/aggregation/sub-query";
import { lengthOf } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import { countFacts } from "@trinity/columns/count-facts";
import { refuseTooMuch } from "./from-columns.ts";
import type { Reader } from "./reader.ts";

/** An accumulator, and the calendar of its question. */
export type Counting = { readonly accumulator: Accumulator; readonly calendar: Calendar };

/**
 * Counts from columns what the accumulators need of the log.
 * @returns the accumulators that cannot be counted so: nothing was added to them
 * @throws {ScanLimitError} when the engine would need more memory or time than one answer may take
 */
export async function countFromColumns(
  { columns, signal }: Pick<Reader, "columns" | "signal">,
  counted: readonly Counting[],
  scan: { readonly userFilter: UserSet | null; readonly throughSeq: number },
): Promise<readonly Accumulator[]> {
  const left = await Promise.all(
    counted.map(async ({ accumulator, calendar }) => {
      const ranges = logRangesOf(accumulator.subQuery);
      // Chunks have no index by time.
      const isFast = lengthOf(ranges) <= shortLogMs && accumulator.subQuery.measure.origin !== "chunks";
      if (columns === undefined || ranges.length === 0 || isFast) return [accumulator];
      const isCounted = await countFacts(columns, { accumulator, calendar, ranges, ...scan }, signal).catch(refuseTooMuch);
      return isCounted ? [] : [accumulator];
    }),
  );
  return left.flat();
}
