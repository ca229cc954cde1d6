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
