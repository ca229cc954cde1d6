import { bucketStart, type Tier, tierMs } from "./bucket.ts";
import type { Contribution } from "./contribution.ts";
import { type CellDimension, type Dimensions, familyOf, valuesOf } from "./dimension.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import type { UserSet } from "./user-set.ts";
import { addAmounts, addVector, type CellAmounts, type Vector } from "./vector.ts";

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
export type AmountCell = CellKey & { readonly amounts: CellAmounts };
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

/** Sets of one measure that are kept in the same tiers and read the same families of dimensions. */
type SetGroup = {
  readonly tiers: readonly Tier[];
  readonly sets: readonly SetDeltas[];
  readonly combinations: Combinations;
  /** The sums of facts that are equal in all that the sets read, by bucket. */
  readonly facts: Map<number, Map<Combination, Vector>>;
};

/**
 * Adds up contributions to the changes of cells. Facts that are equal in whole families of dimensions are added up first, so a batch is spread
 * over the sets once for each combination of values, not for each fact. Only the finest tier of a set is counted; the coarser tiers are its
 * sums, computed once at the end.
 */
export class CellDeltas {
  readonly #byMeasure: ReadonlyMap<string, readonly SetGroup[]>;
  readonly #minutesFromMs: number;

  /** @param minutesFromMs minutes are kept from here on, the start of an hour; older facts are counted by the hour */
  constructor(measures: readonly Measure[], minutesFromMs: number) {
    const combinations = new Map<string, Combinations>();
    this.#byMeasure = new Map(measures.map(({ name, sets }) => [name, groupsOf(sets, combinations)]));
    this.#minutesFromMs = minutesFromMs;
  }

  /** @param times 1 to count the contribution, -1 to take it back */
  add({ measure, atMs, dimensions, amounts }: Contribution, times: 1 | -1): void {
    for (const { tiers, combinations, facts } of this.#byMeasure.get(measure) ?? []) {
      const bucketMs = bucketStart(this.#finestTier(tiers, atMs), atMs);
      let ofBucket = facts.get(bucketMs);
      if (ofBucket === undefined) facts.set(bucketMs, (ofBucket = new Map()));
      const combination = combinations.of(dimensions);
      let vector = ofBucket.get(combination);
      if (vector === undefined) ofBucket.set(combination, (vector = new Map()));
      addAmounts(vector, amounts, times);
    }
  }

  /** @returns the changes that are not 0 */
  cells(): readonly Cell[] {
    const groups = [...this.#byMeasure.values()].flat();
    for (const group of groups) this.#spread(group);
    return groups.flatMap(({ sets }) => sets.flatMap(cellsOf));
  }

  #spread({ tiers, facts, sets }: SetGroup): void {
    for (const [bucketMs, ofBucket] of facts) {
      const tier = this.#finestTier(tiers, bucketMs);
      for (const [{ dimensions }, vector] of ofBucket) {
        if (vector.size === 0) continue;
        for (const { set, byTier } of sets) {
          for (const value of cellValuesOf(set, dimensions)) addVector(vectorAt(byTier[tier], bucketMs, value), vector);
        }
      }
    }
    facts.clear();
  }

  #finestTier(tiers: readonly Tier[], atMs: number): Tier {
    const finest = tiers[0] as Tier;
    return finest === "minute" && atMs < this.#minutesFromMs ? (tiers[1] as Tier) : finest;
  }
}

/** The total, which reads no dimension, goes with the first of the other sets in the same tiers. */
function groupsOf(sets: readonly DimensionSet[], known: Map<string, Combinations>): readonly SetGroup[] {
  const byTiers = Map.groupBy(sets, ({ tiers }) => tiers.join());
  return [...byTiers.values()].flatMap((alike) => {
    const [total, others] = [alike.filter(isTotal), alike.filter((set) => !isTotal(set))];
    const [first = [], ...rest] = Map.groupBy(others, familiesOf).values();
    return [[...total, ...first], ...rest].map((group) => groupOf(group, known));
  });
}

function groupOf(sets: readonly DimensionSet[], known: Map<string, Combinations>): SetGroup {
  const names = [...new Set(sets.flatMap(({ dimensions }) => dimensions))].sort();
  const combinations = known.get(names.join()) ?? new Combinations(names);
  known.set(names.join(), combinations);
  const tiers = sets[0]?.tiers as readonly Tier[];
  return { tiers, sets: sets.map((set) => ({ set, byTier: noBuckets() })), combinations, facts: new Map() };
}

function isTotal({ dimensions }: DimensionSet): boolean {
  return dimensions.length === 0;
}

/** @returns the families that a set reads */
function familiesOf({ dimensions }: DimensionSet): string {
  return [...new Set(dimensions.map(familyOf))].sort().join();
}

/** One combination of values of some dimensions, and the dimensions of a fact that has it. */
class Combination {
  readonly dimensions: Dimensions;
  readonly #next = new Map<string | number | undefined, Combination>();

  constructor(dimensions: Dimensions) {
    this.dimensions = dimensions;
  }

  after(value: string | number | undefined, dimensions: Dimensions): Combination {
    let next = this.#next.get(value);
    if (next === undefined) this.#next.set(value, (next = new Combination(dimensions)));
    return next;
  }
}

/** The combinations of values of some dimensions: equal values, one after the other, lead to the same object. */
class Combinations {
  readonly #names: readonly CellDimension[];
  readonly #root = new Combination({});
  #lastDimensions: Dimensions | null = null;
  #last = this.#root;

  constructor(names: readonly CellDimension[]) {
    this.#names = names;
  }

  /** The contributions of one event share their dimensions, so the last ones are mostly asked for again. */
  of(dimensions: Dimensions): Combination {
    if (this.#lastDimensions === dimensions) return this.#last;
    let combination = this.#root;
    for (const name of this.#names) {
      const value = dimensions[name];
      if (typeof value === "object") {
        // How many values follow, so that no list is the beginning of another.
        combination = combination.after(value.length, dimensions);
        for (const one of value) combination = combination.after(one, dimensions);
      } else combination = combination.after(value, dimensions);
    }
    this.#lastDimensions = dimensions;
    this.#last = combination;
    return combination;
  }
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
