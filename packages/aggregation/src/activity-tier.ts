import { UserSet } from "./user-set.ts";

/** The tier of a user depends on this many days, up to the end of the range. */
export const activityDays = 28;

/** The least number of active UTC days of each tier. */
const tiers = [
  { tier: "heavy", fromDays: 12 },
  { tier: "regular", fromDays: 4 },
  { tier: "light", fromDays: 1 },
  { tier: "inactive", fromDays: 0 },
] as const;

export const activityTiers = tiers.map(({ tier }) => tier);

/**
 * Sorts users by how many days they were active.
 * @param activeByDay the users who were active on each day
 * @returns the users of each tier; every user is in one
 */
export function usersByActivityTier(activeByDay: readonly UserSet[], allUsers: UserSet): ReadonlyMap<string, UserSet> {
  const sorted = new Map<string, UserSet>(tiers.map(({ tier }) => [tier, new UserSet()]));
  // `onAtLeast[n]`: who was active on n days or more of those looked at so far.
  const onAtLeast: UserSet[] = [allUsers];
  for (const active of activeByDay) {
    for (let n = onAtLeast.length; n > 0; n--) {
      onAtLeast[n] = UserSet.union([onAtLeast[n] ?? new UserSet(), (onAtLeast[n - 1] as UserSet).intersect(active)]);
    }
  }
  let more = new UserSet();
  for (const { tier, fromDays } of tiers) {
    const atLeast = onAtLeast[fromDays] ?? new UserSet();
    sorted.set(tier, atLeast.without(more));
    more = atLeast;
  }
  return sorted;
}
