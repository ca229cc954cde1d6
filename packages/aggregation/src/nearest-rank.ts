/**
 * The q-quantile by nearest rank: the value at position ceil(q n) of n values, so always one of them.
 * @param ascending the values, sorted
 * @returns `null` of no values
 */
export function nearestRank(ascending: readonly number[], q: number): number | null {
  return ascending[Math.max(1, Math.ceil(q * ascending.length)) - 1] ?? null;
}
