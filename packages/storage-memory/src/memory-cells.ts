import type { Tier } from "@trinity/aggregation/bucket";
import type { AmountCell, Cell, CellKey, UserCell } from "@trinity/aggregation/cell";
import { UserSet } from "@trinity/aggregation/user-set";
import { addVector, type CellAmounts, type Vector } from "@trinity/aggregation/vector";
import { compareCellKeys, compareTables, tiersByRank } from "@trinity/storage/cell-order";
import type { CellRange } from "@trinity/storage/event-store";
import { compareUtf8 } from "@trinity/storage/text-order";
import type { BucketKey } from "@trinity/storage/verification-store";

type Buckets = Map<number, Map<string, Vector>>;
type Tiers = Record<Tier, Buckets>;

/** Cells in memory. Reads return copies, so a reader can change them. */
export class MemoryCells {
  readonly #bySet = new Map<string, Tiers>();

  /** Adds amounts to cells; a cell whose sums become zero is removed. */
  add(cells: readonly Cell[]): void {
    for (const { set, tier, bucketMs, value, vector } of cells) {
      const buckets = entryAt(this.#bySet, set, newTiers)[tier];
      const byValue = entryAt(buckets, bucketMs, newMap<string, Vector>);
      const sum = entryAt(byValue, value, newMap<number, number>);
      addVector(sum, vector);
      if (sum.size === 0) byValue.delete(value);
      if (byValue.size === 0) buckets.delete(bucketMs);
    }
  }

  dropMinutesBefore(fromMs: number): void {
    for (const { minute } of this.#bySet.values()) {
      for (const bucketMs of minute.keys()) if (bucketMs < fromMs) minute.delete(bucketMs);
    }
  }

  /** Oldest first, then in order of value. */
  inRange({ set, tier, fromMs, toMs, values, componentsBelow = Number.POSITIVE_INFINITY }: CellRange): readonly AmountCell[] {
    const named = values === undefined ? null : new Set(values);
    return [...this.#cellsOf(set, tier, fromMs, toMs)]
      .filter(({ value }) => named?.has(value) ?? true)
      .map(({ vector, ...key }) => ({ ...key, amounts: amountsBelow(vector, componentsBelow) }))
      .filter(({ amounts }) => amounts.length > 0);
  }

  /** The same cells, each as a set of users. */
  usersInRange(range: CellRange): readonly UserCell[] {
    return this.inRange(range).map(({ amounts, ...key }) => ({ ...key, users: UserSet.of(amounts.filter((_, i) => i % 2 === 0)) }));
  }

  /** Replaces a cell; an empty vector removes it. */
  set(cell: Cell): void {
    const buckets = entryAt(this.#bySet, cell.set, newTiers)[cell.tier];
    buckets.get(cell.bucketMs)?.delete(cell.value);
    this.add([cell]);
  }

  hasCells({ set, tier, bucketMs }: BucketKey): boolean {
    return this.#bySet.get(set)?.[tier].has(bucketMs) ?? false;
  }

  /** The cells after `after`, in order. */
  *after(after: CellKey | null): Generator<Cell> {
    for (const cell of this.#cellsFrom(after)) if (after === null || compareCellKeys(cell, after) > 0) yield cell;
  }

  /** In order, from the bucket of `first` on. */
  *#cellsFrom(first: CellKey | null): Generator<Cell> {
    for (const set of [...this.#bySet.keys()].sort(compareUtf8)) {
      for (const tier of tiersByRank) {
        const order = first === null ? 1 : compareTables({ set, tier }, first);
        const fromMs = first !== null && order === 0 ? first.bucketMs : Number.NEGATIVE_INFINITY;
        if (order >= 0) yield* this.#cellsOf(set, tier, fromMs, Number.POSITIVE_INFINITY);
      }
    }
  }

  *#cellsOf(set: string, tier: Tier, fromMs: number, toMs: number): Generator<Cell> {
    const buckets: Buckets = this.#bySet.get(set)?.[tier] ?? new Map();
    const startsMs = [...buckets.keys()].filter((bucketMs) => bucketMs >= fromMs && bucketMs < toMs);
    for (const bucketMs of startsMs.sort((a, b) => a - b)) {
      const byValue = buckets.get(bucketMs) as Map<string, Vector>;
      for (const value of [...byValue.keys()].sort(compareUtf8)) {
        yield { set, tier, bucketMs, value, vector: new Map(byValue.get(value)) };
      }
    }
  }
}

function amountsBelow(vector: Vector, below: number): CellAmounts {
  const ascending = [...vector].filter(([component]) => component < below).sort(([a], [b]) => a - b);
  return Float64Array.from(ascending.flat());
}

function newMap<Key, Value>(): Map<Key, Value> {
  return new Map();
}

function newTiers(): Tiers {
  return { minute: new Map(), hour: new Map(), day: new Map() };
}

function entryAt<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
