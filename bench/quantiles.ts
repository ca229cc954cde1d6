/** In the unit of the values. */
export type Quantiles = { readonly p50: number; readonly p99: number };

export function quantilesOf(values: readonly number[]): Quantiles {
  const ascending = values.toSorted((a, b) => a - b);
  const at = (share: number) => ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
