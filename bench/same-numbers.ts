/**
 * Compares two sets of numbers, each with its repetitions, in which zeros and nulls do not count: SQL has no row where nothing happened.
 * @returns the first pair that differs, in ascending order; null where all are equal
 */
export function differenceOf(
  some: readonly (number | null)[],
  others: readonly (number | null)[],
): readonly [number | undefined, number | undefined] | null {
  const [a, b] = [counted(some), counted(others)];
  const place = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, i) => a[i] !== b[i]);
  return place === -1 ? null : [a[place], b[place]];
}

function counted(numbers: readonly (number | null)[]): readonly number[] {
  return numbers
    .filter((number) => number !== null)
    .filter((number) => number !== 0)
    .toSorted((a, b) => a - b);
}
