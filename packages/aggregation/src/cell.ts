import { bucketStart, type Tier, tierMs } from "./bucket.ts";
import type { Contribution } from "./contribution.ts";
import { type CellDimension, type Dimensions, valuesOf } from "./dimension.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import type { UserSet } from "./user-set.ts";
import { type Amounts, addAmounts, addVector, type Vector } from "./vector.ts";

/** One bucket of one dimension set under one combination of values: the unit that rollups are stored in. */
export type CellKey = {
  readonly set: string;
  readonly tier: Tier;
  readonly bucketMs: number;
  /** The values of the set's dimensions in order, joined by `valueSeparator`; empty for no dimensions. */
  readonly value: string;
};
export type Cell = CellKey & { readonly vector: Vector };
/** A cell read to be added up: component and amount in turn, ascending. */
export type AmountCell = CellKey & { readonly amounts: Amounts };
/** A cell of a measure whose components are users, of which only the users are read. */
export type UserCell = CellKey & { readonly users: UserSet };

export const valueSeparator = "\u001f";

/** @returns the combinations of values that a fact counts under in a dimension set: one, unless a dimension has several values */
function cellValuesOf(set: Pick<DimensionSet, "dimensions">, dimensions: Dimensions): readonly string[] {
  return set.dimensions.reduce<readonly string[]>((prefixes, name, position) => {
    const values = valuesOf(dimensions, name);
    if (position === 0) return values;
    return prefixes.flatMap((prefix) => values.map((value) => prefix + valueSeparator + value));
  }, noDimensions);
}
const noDimensions = [""];

type Buckets = Map<number, Map<string, Vector>>;
type SetDeltas = { readonly set: DimensionSet; readonly byTier: Readonly<Record<Tier, Buckets>> };

/** The sum of facts that have the same values in all dimensions of a group. */
type Gathered = { readonly atMs: number; readonly dimensions: Dimensions; readonly vector: Vector };
/** Sets of one measure that are kept in the same tiers, and every dimension that any of them reads. */
type SetGroup = {
  readonly finest: Tier;
  readonly dimensions: readonly CellDimension[];
  readonly sets: readonly SetDeltas[];
  readonly facts: Map<string, Gathered>;
};

/**
 * Adds up contributions to the changes of cells. Facts with equal values in all dimensions of a measure are added up first, so a batch
 * is spread over the sets once for each combination of values, not for each fact. Only the finest tier of a set is counted; the coarser
 * tiers are its sums, computed once at the end.
 */
export class CellDeltas {
  readonly #byMeasure: ReadonlyMap<string, readonly SetGroup[]>;
  readonly #minutesFromMs: number;

  /** @param minutesFromMs minutes are kept from here on; older facts are counted by the hour */
  constructor(measures: readonly Measure[], minutesFromMs: number) {
    this.#byMeasure = new Map(measures.map(({ name, sets }) => [name, groupsOf(sets)]));
    this.#minutesFromMs = minutesFromMs;
  }

  /** @param times 1 to count the contribution, -1 to take it back */
  add({ measure, atMs, dimensions, amounts }: Contribution, times: 1 | -1): void {
    for (const group of this.#byMeasure.get(measure) ?? []) {
      const bucketMs = bucketStart(group.finest, atMs);
      const key = factKey(bucketMs, dimensions, group.dimensions);
      let fact = group.facts.get(key);
      if (fact === undefined) group.facts.set(key, (fact = { atMs: bucketMs, dimensions, vector: new Map() }));
      addAmounts(fact.vector, amounts, times);
    }
  }

  /** @returns the changes that are not 0 */
  cells(): readonly Cell[] {
    const groups = [...this.#byMeasure.values()].flat();
    for (const group of groups) this.#spread(group);
    return groups.flatMap(({ sets }) => sets.flatMap(cellsOf));
  }

  #spread({ facts, sets }: SetGroup): void {
    for (const { atMs, dimensions, vector } of facts.values()) {
      if (vector.size === 0) continue;
      for (const { set, byTier } of sets) {
        const tier = this.#finestTier(set, atMs);
        const bucketMs = bucketStart(tier, atMs);
        for (const value of cellValuesOf(set, dimensions)) addVector(vectorAt(byTier[tier], bucketMs, value), vector);
      }
    }
    facts.clear();
  }

  #finestTier(set: DimensionSet, atMs: number): Tier {
    const finest = set.tiers[0] as Tier;
    return finest === "minute" && bucketStart("minute", atMs) < this.#minutesFromMs ? (set.tiers[1] as Tier) : finest;
  }
}

function groupsOf(sets: readonly DimensionSet[]): readonly SetGroup[] {
  return [...Map.groupBy(sets, ({ tiers }) => tiers.join())].map(([, alike]) => ({
    finest: alike[0]?.tiers[0] as Tier,
    dimensions: [...new Set(alike.flatMap(({ dimensions }) => dimensions))],
    sets: alike.map((set) => ({ set, byTier: noBuckets() })),
    facts: new Map(),
  }));
}

// The order of a list counts, and a text differs from a list of one. So equal facts may get two keys, but different facts never get one.
function factKey(bucketMs: number, dimensions: Dimensions, names: readonly CellDimension[]): string {
  let key = `${bucketMs}`;
  for (const name of names) {
    const value = dimensions[name];
    key += valueSeparator;
    if (typeof value === "string") key += value;
    else if (value !== undefined) key += `\u001e${value.join("\u001e")}`;
  }
  return key;
}

function cellsOf({ set, byTier }: SetDeltas): readonly Cell[] {
  const cells: Cell[] = [];
  let finer: Buckets = new Map();
  for (const tier of set.tiers) {
    const buckets = byTier[tier];
    for (const [bucketMs, byValue] of finer) {
      for (const [value, vector] of byValue) addVector(vectorAt(buckets, bucketStart(tier, bucketMs), value), vector);
    }
    for (const [bucketMs, byValue] of buckets) {
      for (const [value, vector] of byValue) if (vector.size > 0) cells.push({ set: set.name, tier, bucketMs, value, vector });
    }
    finer = buckets;
  }
  return cells;
}

function noBuckets(): SetDeltas["byTier"] {
  return { minute: new Map(), hour: new Map(), day: new Map() };
}

function vectorAt(buckets: Buckets, bucketMs: number, value: string): Vector {
  let byValue = buckets.get(bucketMs);
  if (byValue === undefined) buckets.set(bucketMs, (byValue = new Map()));
  let vector = byValue.get(value);
  if (vector === undefined) byValue.set(value, (vector = new Map()));
  return vector;
}

/** @returns the end of a bucket, exclusive */
export function bucketEnd(tier: Tier, bucketMs: number): number {
  return bucketMs + tierMs[tier];
}
