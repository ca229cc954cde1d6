import { packed, unpacked } from "../client/packed.ts";
import { sortable } from "../client/sort-key.ts";

/** An entry of a list that only grows, with the delta that added it. */
export type Listed<Value> = { readonly sequence: number; readonly value: Value };

/** Partitions of the lists. Each compaction adds one item with the entries since the one before. */
export const foldTimesPartition = "folds";
export const repairsPartition = "repairs";

/** @param compactedThrough the delta before the first entry, so that concurrent compactions write the same item */
export function listSortKey(compactedThrough: number): string {
  return sortable(compactedThrough);
}

export function encodeList<Value>(listed: readonly Listed<Value>[]): Uint8Array {
  return packed(listed.map(({ sequence, value }) => [sequence, value]));
}

/** @throws when the bytes are not from `encodeList` */
export function decodeList<Value>(bytes: Uint8Array): readonly Listed<Value>[] {
  return (unpacked(bytes) as [number, Value][]).map(([sequence, value]) => ({ sequence, value }));
}

/** Joins lists that may overlap, in order of delta, up to delta `through`. */
export function joinedLists<Value>(lists: readonly (readonly Listed<Value>[])[], through: number): readonly Value[] {
  const bySequence = new Map<number, Value>();
  for (const { sequence, value } of lists.flat()) if (sequence <= through) bySequence.set(sequence, value);
  return [...bySequence].sort(([a], [b]) => a - b).map(([, value]) => value);
}
