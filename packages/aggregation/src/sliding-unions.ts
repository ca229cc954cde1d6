import { UserSet } from "./user-set.ts";

/**
 * The union of the sets in each of several ranges of indexes, of which the ends do not go back, and the beginnings only where clocks are set
 * back: windows that slide.
 * A union cannot be taken apart again, so what has come in since the last turn is kept apart from the suffixes of what was there before:
 * the queue on two stacks (Tangwongsan, Hirzel, Schneider, "Sub-O(log n) Out-of-Order Sliding-Window Aggregation", 2017, section 2), some
 * three unions a range however long the ranges are.
 * @param setAt the set at an index; `undefined` for an empty one
 * @param ranges each `[from, to)`
 */
export function slidingUnions(
  setAt: (index: number) => UserSet | undefined,
  ranges: readonly (readonly [from: number, to: number])[],
): readonly UserSet[] {
  /** `suffixes[i]`: the union of the indexes from i up to the last turn. */
  let suffixes = new Map<number, UserSet>();
  let entered = 0;
  let since = new UserSet();
  return ranges.map(([from, to]) => {
    if (from >= to) return new UserSet();
    // Nothing slides: the next range that is longer begins at or behind this one, and catches up.
    if (to - from === 1) return setAt(from) ?? noUsers;
    for (; entered < to; entered++) since.addAll(setAt(entered) ?? noUsers);
    if (!suffixes.has(from)) {
      suffixes = suffixesOf(setAt, from, entered);
      since = new UserSet();
    }
    return UserSet.union([suffixes.get(from) ?? noUsers, since]);
  });
}

function suffixesOf(setAt: (index: number) => UserSet | undefined, from: number, to: number): Map<number, UserSet> {
  const suffixes = new Map<number, UserSet>();
  let union = noUsers;
  for (let i = to - 1; i >= from; i--) {
    union = UserSet.union([union, setAt(i) ?? noUsers]);
    suffixes.set(i, union);
  }
  return suffixes;
}

const noUsers = new UserSet();
