import type { Plan } from "./plan.ts";
import { AmountTally, type Tally, UserTally } from "./tally.ts";
import type { UserSet } from "./user-set.ts";

/**
 * @param among the users of the question's segment; `null` where it has none
 * @returns an empty tally for each part of a plan, in order
 */
export function talliesFor({ parts, calendar }: Pick<Plan, "parts" | "calendar">, among: UserSet | null): readonly Tally[] {
  return parts.map((part) => (part.reads === "users" ? new UserTally(part, calendar, among) : new AmountTally(part, calendar)));
}

/** @returns the tally of a part that counts amounts */
export function amountTally(tallies: readonly Tally[], part: number): AmountTally {
  const tally = tallies[part];
  if (tally instanceof AmountTally) return tally;
  throw new TypeError(`part ${part} does not count amounts`);
}

/** @returns the tally of a part that counts users */
export function userTally(tallies: readonly Tally[], part: number): UserTally {
  const tally = tallies[part];
  if (tally instanceof UserTally) return tally;
  throw new TypeError(`part ${part} does not count users`);
}
