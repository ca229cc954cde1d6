import type { ListPage } from "./engine/engine.ts";

/** Calls back with each list of a page and its number. The list may be changed. */
export function forEachList({ numbers, lengths, items }: ListPage, tell: (number: number, list: Float64Array) => void): void {
  let start = 0;
  for (const [row, length] of lengths.entries()) {
    tell(numbers[row] as number, items.subarray(start, start + length));
    start += length;
  }
}

/** Sorts numbers in place, which often are in order already. */
export function sorted(numbers: Float64Array): Float64Array {
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] as number) < (numbers[i - 1] as number)) return numbers.sort();
  return numbers;
}
