import { type Accumulator, AmountAccumulator, UserAccumulator } from "./accumulator.ts";
import type { Plan } from "./plan.ts";
import type { UserSet } from "./user-set.ts";

/**
 * @param userFilter the users of the question's segment; `null` where it has none
 * @returns an empty tally for each part of a plan, in order
 */
export function accumulatorsFor(
  { subQueries, calendar }: Pick<Plan, "subQueries" | "calendar">,
  userFilter: UserSet | null,
): readonly Accumulator[] {
  return subQueries.map((subQuery) =>
    subQuery.reads === "users" ? new UserAccumulator(subQuery, calendar, userFilter) : new AmountAccumulator(subQuery, calendar),
  );
}

/** @returns the tally of a part that counts amounts */
export function amountAccumulator(accumulators: readonly Accumulator[], subQuery: number): AmountAccumulator {
  const accumulator = accumulators[subQuery];
  if (accumulator instanceof AmountAccumulator) return accumulator;
  throw new TypeError(`part ${subQuery} does not count amounts`);
}

/** @returns the tally of a part that counts users */
export function userAccumulator(accumulators: readonly Accumulator[], subQuery: number): UserAccumulator {
  const accumulator = accumulators[subQuery];
  if (accumulator instanceof UserAccumulator) return accumulator;
  throw new TypeError(`part ${subQuery} does not count users`);
}
