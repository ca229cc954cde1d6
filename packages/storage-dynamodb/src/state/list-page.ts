import { packed, unpacked } from "../client/packed.ts";
import { sortable } from "../client/sort-key.ts";

/** What a step of the state added to a list that only grows. */
export type Listed<Value> = { readonly position: number; readonly value: Value };

/** Lists lie in the state table, what was added between two compactions in one item. */
export const foldTimesPartition = "folds";
export const repairsPartition = "repairs";

/** @param floor the position after which the list's entries begin: compactions from the same floor write the same item */
export function listSortKey(floor: number): string {
  return sortable(floor);
}

export function encodeList<Value>(listed: readonly Listed<Value>[]): Uint8Array {
  return packed(listed.map(({ position, value }) => [position, value]));
}

/** @throws when the bytes are not those that `encodeList` made */
export function decodeList<Value>(bytes: Uint8Array): readonly Listed<Value>[] {
  return (unpacked(bytes) as [number, Value][]).map(([position, value]) => ({ position, value }));
}

/** Joins lists that may overlap, in order of position, as far as a position. */
export function joinedLists<Value>(lists: readonly (readonly Listed<Value>[])[], through: number): readonly Value[] {
  const byPosition = new Map<number, Value>();
  for (const { position, value } of lists.flat()) if (position <= through) byPosition.set(position, value);
  return [...byPosition].sort(([a], [b]) => a - b).map(([, value]) => value);
}
