import type { Plan } from "./plan.ts";
import { AmountTally, type Tally, UserTally } from "./tally.ts";
import type { UserSet } from "./user-set.ts";

/**
 * @param among the users of the question's segment; `null` where it has none
 * @returns an empty tally for each part of a plan, in order
 */
export function talliesFor({ subQueries, calendar }: Pick<Plan, "subQueries" | "calendar">, among: UserSet | null): readonly Tally[] {
  return subQueries.map((subQuery) =>
    subQuery.reads === "users" ? new UserTally(subQuery, calendar, among) : new AmountTally(subQuery, calendar),
  );
}

/** @returns the tally of a part that counts amounts */
export function amountTally(tallies: readonly Tally[], subQuery: number): AmountTally {
  const tally = tallies[subQuery];
  if (tally instanceof AmountTally) return tally;
  throw new TypeError(`part ${subQuery} does not count amounts`);
}

/** @returns the tally of a part that counts users */
export function userTally(tallies: readonly Tally[], subQuery: number): UserTally {
  const tally = tallies[subQuery];
  if (tally instanceof UserTally) return tally;
  throw new TypeError(`part ${subQuery} does not count users`);
}
