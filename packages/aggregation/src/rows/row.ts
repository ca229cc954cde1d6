import type { StoredEvent } from "@trinity/events/event";
import type { Accumulator } from "../accumulator.ts";
import type { Contribution } from "../contribution.ts";
import type { Dimensions } from "../dimension.ts";

/** Where a row stands among all of one question: rows are in order of `group`, then of `key`, numbers as numbers and texts by their bytes. */
export type Place = { readonly group: number; readonly key: string | number };

/** One thing that was read because it may count: an event at its place in the log, a line of the books, or an entity among those of its kind. */
export type Fact = {
  readonly place: Place;
  /** The event, where the fact is one. */
  readonly event: StoredEvent | null;
  readonly contributions: readonly Contribution[];
};

/** One of the things that a number is made of. */
export type Row = {
  readonly place: Place;
  /** What the row is about, by its id. */
  readonly key: string;
  readonly atMs: number;
  /** The day for which a user counts ends here; only where the number adds up days. */
  readonly untilMs?: number;
  /** How much of the number it is. */
  readonly amount: number;
  /** What a distribution takes from it, in the metric's unit: the mean, where it stands for several observations. */
  readonly value?: number;
  readonly dimensions: Dimensions;
  readonly event: StoredEvent | null;
};

/** Picks from facts the rows that a number is made of. */
export type RowCollector = {
  /** @returns the row that a fact is by itself; `null` where it is none, or becomes one only together with others */
  add(fact: Fact): Row | null;
  /**
   * @param accumulators what the parts of the plan counted of the same facts
   * @returns the rows that only show when everything was read, in any order
   */
  rest(accumulators: readonly Accumulator[]): readonly Row[];
};
