/** Whole numbers of at least 0 as texts that order as the numbers do. */
export function sortable(value: number): string {
  return String(value).padStart(12, "0");
}

/** Bucket numbers, which may lie before 1970, in the same way. */
export function sortableBucket(bucket: number): string {
  return sortable(bucket + 1_000_000_000);
}

export function bucketOfSortable(text: string): number {
  return Number(text) - 1_000_000_000;
}
