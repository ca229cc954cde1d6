import { lengthOf, type TimeRange } from "@trinity/aggregation/time-range";
import { greatestDivisor } from "./slots.ts";

/**
 * Hardly slower for hundreds of ranges than for one, unless they have odd ends. Times that repeat with a period take two thirds of it.
 * @param ranges finite, ascending and disjoint
 * @returns the condition that a time is in one of them
 */
export function inAnyOf(ranges: readonly TimeRange[], time = "atMs"): string {
  const inEach = `(${ranges.map(({ fromMs, toMs }) => `(${time} >= ${fromMs} AND ${time} < ${toMs})`).join(" OR ") || "false"})`;
  if (ranges.length < 3) return inEach;
  const [first, second, last] = [ranges[0], ranges[1], ranges.at(-1)] as [TimeRange, TimeRange, TimeRange];
  const [startMs, endMs] = [first.fromMs, last.toMs];
  const within = `${time} >= ${startMs} AND ${time} < ${endMs}`;
  const [lengthMs, periodMs] = [first.toMs - startMs, second.fromMs - startMs];
  const isPeriodic = ranges.every(({ fromMs, toMs }, i) => fromMs === startMs + i * periodMs && toMs === fromMs + lengthMs);
  if (isPeriodic) return `${within} AND (${time} - ${startMs}) % ${periodMs} < ${lengthMs}`;
  const unitMs = ranges.reduce((unit, { fromMs, toMs }) => greatestDivisor(greatestDivisor(unit, fromMs - startMs), toMs - startMs), 0);
  if (lengthOf(ranges) / unitMs > unitsMax) return inEach;
  const units = ranges.flatMap(({ fromMs, toMs }) =>
    Array.from({ length: (toMs - fromMs) / unitMs }, (_, i) => (fromMs - startMs) / unitMs + i),
  );
  return `${within} AND (${time} - ${startMs}) // ${unitMs} IN (${units.join(", ")})`;
}

const unitsMax = 5_000;
