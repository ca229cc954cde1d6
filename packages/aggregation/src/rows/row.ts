import type { StoredEvent } from "@trinity/events/event";
import type { Accumulator } from "../accumulator.ts";
import type { Contribution } from "../contribution.ts";
import type { Dimensions } from "../dimension.ts";

/** The position of a row: rows are in order of `group`, then of `key`, numbers as numbers and texts by their bytes. */
export type Place = { readonly group: number; readonly key: string | number };

/** A candidate row: an event at its place in the log, an ingest count, or an entity. */
export type Fact = {
  readonly place: Place;
  /** The event, if the fact is one. */
  readonly event: StoredEvent | null;
  readonly contributions: readonly Contribution[];
};

/** One of the facts or users that a number counts. */
export type Row = {
  readonly place: Place;
  /** The id of the event, entity or user. */
  readonly key: string;
  readonly atMs: number;
  /** The day for which a user counts ends here; only where the number adds up days. */
  readonly untilMs?: number;
  /** How much of the number it is. */
  readonly amount: number;
  /** The observed value of a distribution, in the metric's unit; the mean if the row is several observations. */
  readonly value?: number;
  readonly dimensions: Dimensions;
  readonly event: StoredEvent | null;
};

/** Picks the rows of a number from facts. */
export type RowCollector = {
  /** @returns the row that a fact is by itself; `null` where it is none, or becomes one only together with others */
  add(fact: Fact): Row | null;
  /**
   * @param accumulators those of the plan, after the same facts
   * @returns the rows that only show when everything was read, in any order
   */
  rest(accumulators: readonly Accumulator[]): readonly Row[];
};
