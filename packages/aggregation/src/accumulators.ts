import { type Accumulator, AmountAccumulator, UserAccumulator } from "./accumulator.ts";
import type { PlannedQuery } from "./resolved-query.ts";

/**
 * @param seriesMax of each
 * @returns an empty accumulator for each sub-query, in order
 */
export function accumulatorsFor(
  { subQueries, calendar }: Pick<PlannedQuery, "subQueries" | "calendar">,
  seriesMax = Number.POSITIVE_INFINITY,
): readonly Accumulator[] {
  return subQueries.map((subQuery) =>
    subQuery.reads === "users" ? new UserAccumulator(subQuery, calendar, seriesMax) : new AmountAccumulator(subQuery, calendar, seriesMax),
  );
}

/** The accumulators of one metric, by the names of its sub-queries. */
export class AccumulatorsByName<SubQueryName extends string = string> {
  readonly #accumulators: readonly Accumulator[];

  constructor(accumulators: readonly Accumulator[]) {
    this.#accumulators = accumulators;
  }

  /** @throws {TypeError} when no sub-query of that name counts amounts */
  amounts(name: SubQueryName): AmountAccumulator {
    const accumulator = this.#find(name);
    if (accumulator instanceof AmountAccumulator) return accumulator;
    throw new TypeError(`sub-query ${name} does not count amounts`);
  }

  /** @throws {TypeError} when no sub-query of that name counts users */
  users(name: SubQueryName): UserAccumulator {
    const accumulator = this.#find(name);
    if (accumulator instanceof UserAccumulator) return accumulator;
    throw new TypeError(`sub-query ${name} does not count users`);
  }

  #find(name: SubQueryName): Accumulator | undefined {
    return this.#accumulators.find(({ subQuery }) => subQuery.name === name);
  }
}
