/** `[fromMs, toMs)` in Unix milliseconds. */
export type TimeRange = { readonly fromMs: number; readonly toMs: number };

/** @returns the times in any of the ranges: ascending, disjoint, not touching, none empty */
export function joinTimeRanges(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const joined: TimeRange[] = [];
  for (const { fromMs, toMs } of ranges.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (!(fromMs < toMs)) continue;
    const last = joined.at(-1);
    if (last === undefined || last.toMs < fromMs) joined.push({ fromMs, toMs });
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
  }
  return joined;
}

/** @returns the length of all ranges together, in ms */
export function lengthOf(ranges: readonly TimeRange[]): number {
  return ranges.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/**
 * @param ranges ascending, disjoint, none empty
 * @returns whether any of them has an instant from `firstMs` through `lastMs`
 */
export function overlapsAny(ranges: readonly TimeRange[], firstMs: number, lastMs: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as TimeRange).toMs > firstMs) high = middle;
    else low = middle + 1;
  }
  return low < ranges.length && (ranges[low] as TimeRange).fromMs <= lastMs;
}

/**
 * @param ranges ascending, disjoint, none empty
 * @returns whether one of them contains the instant
 */
export function isInAny(ranges: readonly TimeRange[], atMs: number): boolean {
  return overlapsAny(ranges, atMs, atMs);
}

/**
 * @param instants ascending, not empty
 * @returns the index of the last one that is not after the instant; 0 if all are
 */
export function lastAtOrBefore(instants: readonly number[], atMs: number): number {
  let low = 0;
  let high = instants.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((instants[middle] as number) <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
