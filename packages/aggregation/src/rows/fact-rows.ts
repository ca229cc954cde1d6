import type { Components } from "../calculations/components.ts";
import type { FactFilter } from "../fact-filter.ts";
import type { Amounts } from "../vector.ts";
import type { Fact, Row, RowCollector } from "./row.ts";

export type FactRowsSettings = {
  readonly filter: FactFilter;
  /** The components that make the number: a fact without any of them is no row. */
  readonly components: Components;
  /** Of a distribution: the component of the summed values, and how many of its units make one of the metric's. */
  readonly measured?: { readonly sum: number; readonly perUnit: number };
};

/** Each fact that counts is a row. */
export class FactRows implements RowCollector {
  readonly #settings: FactRowsSettings;

  constructor(settings: FactRowsSettings) {
    this.#settings = settings;
  }

  add({ place, event, contributions }: Fact): Row | null {
    const { filter, components, measured } = this.#settings;
    const counted = contributions.find((contribution) => filter.counts(contribution));
    if (counted === undefined) return null;
    const amount = amountIn(counted.amounts, components);
    if (amount === 0) return null;
    const { atMs, dimensions } = counted;
    const value = measured === undefined ? {} : { value: amountIn(counted.amounts, [measured.sum]) / amount / measured.perUnit };
    // An ingest count has no id but its place.
    const key = event?.eventId ?? (typeof place.key === "number" ? `${place.group}.${place.key}` : place.key);
    return { place, key, atMs, amount, ...value, dimensions, event };
  }

  rest(): readonly Row[] {
    return [];
  }
}

function amountIn(amounts: Amounts, components: Components): number {
  let sum = 0;
  for (let i = 0; i < amounts.length; i += 2) {
    if (components === "all" || components.includes(amounts[i] as number)) sum += amounts[i + 1] as number;
  }
  return sum;
}
