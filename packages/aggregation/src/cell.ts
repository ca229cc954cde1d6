import { bucketStart, type Tier, tierMs } from "./bucket.ts";
import type { Contribution } from "./contribution.ts";
import { type Dimensions, valuesOf } from "./dimension.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import { addAmounts, addVector, type Vector } from "./vector.ts";

/** One bucket of one dimension set under one combination of values: the unit that rollups are stored in. */
export type CellKey = {
  readonly set: string;
  readonly tier: Tier;
  readonly bucketMs: number;
  /** The values of the set's dimensions in order, joined by `valueSeparator`; empty for the whole. */
  readonly value: string;
};
export type Cell = CellKey & { readonly vector: Vector };

export const valueSeparator = "\u001f";

/** @returns the combinations of values that a fact counts under in a dimension set: one, unless a dimension has several values */
export function cellValuesOf(set: Pick<DimensionSet, "dimensions">, dimensions: Dimensions): readonly string[] {
  return set.dimensions.reduce<readonly string[]>((prefixes, name, position) => {
    const values = valuesOf(dimensions, name);
    if (position === 0) return values;
    return prefixes.flatMap((prefix) => values.map((value) => prefix + valueSeparator + value));
  }, wholeOnly);
}
const wholeOnly = [""];

type Buckets = Map<number, Map<string, Vector>>;
type SetDeltas = { readonly set: DimensionSet; readonly byTier: Readonly<Record<Tier, Buckets>> };

/**
 * Gathers contributions into the changes of cells. Each set is counted in its finest tier only; the coarser tiers are the sums of it,
 * taken once at the end.
 */
export class CellDeltas {
  readonly #byMeasure: ReadonlyMap<string, readonly SetDeltas[]>;
  readonly #minutesFromMs: number;

  /** @param minutesFromMs minutes are kept from here on; what is older is counted by the hour */
  constructor(measures: readonly Measure[], minutesFromMs: number) {
    this.#byMeasure = new Map(measures.map(({ name, sets }) => [name, sets.map((set) => ({ set, byTier: noBuckets() }))]));
    this.#minutesFromMs = minutesFromMs;
  }

  /** @param times 1 to count the contribution, -1 to take it back */
  add(contribution: Contribution, times: 1 | -1): void {
    for (const { set, byTier } of this.#byMeasure.get(contribution.measure) ?? []) {
      const tier = this.#finestTier(set, contribution.atMs);
      const bucketMs = bucketStart(tier, contribution.atMs);
      for (const value of cellValuesOf(set, contribution.dimensions))
        addAmounts(vectorAt(byTier[tier], bucketMs, value), contribution.amounts, times);
    }
  }

  /** @returns the changes, without those that came to nothing */
  cells(): readonly Cell[] {
    const cells: Cell[] = [];
    for (const { set, byTier } of [...this.#byMeasure.values()].flat()) {
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
    }
    return cells;
  }

  #finestTier(set: DimensionSet, atMs: number): Tier {
    const finest = set.tiers[0] as Tier;
    return finest === "minute" && bucketStart("minute", atMs) < this.#minutesFromMs ? (set.tiers[1] as Tier) : finest;
  }
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

/** @returns the instant a bucket ends, which is not part of it */
export function bucketEnd(tier: Tier, bucketMs: number): number {
  return bucketMs + tierMs[tier];
}
