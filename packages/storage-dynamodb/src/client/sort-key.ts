/** @param value an integer from 0 @returns text in the order of the numbers */
export function sortable(value: number): string {
  return String(value).padStart(12, "0");
}

/** @param bucket may be negative (before 1970) @returns text in the order of the numbers */
export function sortableBucket(bucket: number): string {
  return sortable(bucket + 1_000_000_000);
}

export function bucketOfSortable(text: string): number {
  return Number(text) - 1_000_000_000;
}
