import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Calendar } from "@trinity/aggregation/calendar";
import { isReadByTime, type Measure } from "@trinity/aggregation/measure";
import { logRangesOf, shortLogMs } from "@trinity/aggregation/sub-query";
import { lengthOf, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import { countFacts } from "@trinity/columns/count-facts";
import { mapConcurrently } from "@trinity/runtime/limiter";
import { refuseTooMuch } from "./from-columns.ts";
import type { Reader } from "./reader.ts";

/** One question may need hundreds of statements: they must not take all places where those of others wait. */
const statementsAtOnce = 4;

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
  const left = await mapConcurrently(counted, statementsAtOnce, async ({ accumulator, calendar }) => {
    const ranges = logRangesOf(accumulator.subQuery);
    if (columns === undefined || ranges.length === 0 || isReadFast(accumulator.subQuery.measure, ranges)) return [accumulator];
    const isCounted = await countFacts(columns, { accumulator, calendar, ranges, ...scan }, signal).catch(refuseTooMuch);
    return isCounted ? [] : [accumulator];
  });
  return left.flat();
}

/** Whether the log or its entities take less time: an index finds the rooms of a range, while columns make all rooms of all their events. */
function isReadFast({ origin }: Measure, ranges: readonly TimeRange[]): boolean {
  return isReadByTime(origin) && (origin !== "events" || lengthOf(ranges) <= shortLogMs);
}
