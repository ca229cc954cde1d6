import { activityDays, usersByActivityTier } from "@trinity/aggregation/activity-tier";
import { tierMs } from "@trinity/aggregation/bucket";
import { parseCohort } from "@trinity/aggregation/cohort";
import { attributesOf, type Segment, type UserAttribute, type UserDirectory, userAttributes, usersOf } from "@trinity/aggregation/segment";
import { UserSet } from "@trinity/aggregation/user-set";
import { overflowValue } from "@trinity/events/dimension-limits";
import type { CellRange, EventStore, RollupSnapshot } from "@trinity/storage/event-store";

/** All of time, in whole days. */
const allTime = { tier: "day", fromMs: -50_000 * tierMs.day, toMs: 100_000 * tierMs.day } as const;

/**
 * The users of a segment, from the cells that name users by their first event: exact. Reads the list of all users.
 * @param toMs the end of the question's range: the activity tier of a user is that of the days before it
 */
export async function usersInSegment(store: Pick<EventStore, "readRollups">, segment: Segment, toMs: number): Promise<UserSet> {
  const attributes = [...attributesOf(segment)];
  const ranges = attributes.map((attribute) => rangeOf(attribute, toMs));
  const { users } = await store.readRollups([], [{ set: "new_user", ...allTime }, ...ranges]);
  const [all = [], ...ofAttributes] = users;
  const allUsers = UserSet.union(all.map((cell) => cell.users));
  const lookups = new Map(attributes.map((attribute, i) => [attribute, lookupOf(attribute, ofAttributes[i] ?? [], allUsers)]));
  const directory: UserDirectory = { allUsers, usersWith: (attribute, value) => lookups.get(attribute)?.(value) ?? new UserSet() };
  return usersOf(segment, directory);
}

/** @returns the attributes in which some user has the overflow value */
export async function overflowedAttributes<Attribute extends string>(
  store: Pick<EventStore, "readRollups">,
  attributes: readonly Attribute[],
): Promise<readonly Attribute[]> {
  if (attributes.length === 0) return [];
  const ranges = attributes.map((attribute) => ({ set: `new_user/${attribute}`, ...allTime, values: [overflowValue] }));
  const { users } = await store.readRollups([], ranges);
  return attributes.filter((_, i) => (users[i] ?? []).some((cell) => !cell.users.isEmpty));
}

/** How many users there are, and how many have each value of each attribute. */
export type UserDescription = {
  readonly users: number;
  readonly attributes: ReadonlyMap<UserAttribute, ReadonlyMap<string, number>>;
};

/** @param toMs as for `usersInSegment` */
export async function describeUsers(store: Pick<EventStore, "readRollups">, toMs: number): Promise<UserDescription> {
  const ranges = userAttributes.map((attribute) => rangeOf(attribute, toMs));
  const { users } = await store.readRollups([], [{ set: "new_user", ...allTime }, ...ranges]);
  const [all = [], ...ofAttributes] = users;
  const allUsers = UserSet.union(all.map((cell) => cell.users));
  const attributes = userAttributes.map((attribute, i) => [attribute, sizesOf(attribute, ofAttributes[i] ?? [], allUsers)] as const);
  return { users: allUsers.size, attributes: new Map(attributes) };
}

function sizesOf(attribute: UserAttribute, cells: UserCells, allUsers: UserSet): ReadonlyMap<string, number> {
  if (attribute === "activityTier") {
    const tiers = usersByActivityTier(
      cells.map(({ users }) => users),
      allUsers,
    );
    return new Map([...tiers].map(([tier, users]) => [tier, users.size]));
  }
  const sizes = new Map<string, number>();
  // A user's first event is in one cell, so sizes add up.
  for (const { bucketMs, value, users } of cells) {
    const name = attribute === "cohort" ? new Date(bucketMs).toISOString().slice(0, 7) : value;
    sizes.set(name, (sizes.get(name) ?? 0) + users.size);
  }
  return sizes;
}

type UserCells = RollupSnapshot["users"][number];

function rangeOf(attribute: UserAttribute, toMs: number): CellRange {
  if (attribute === "cohort") return { set: "new_user", ...allTime };
  if (attribute !== "activityTier") return { set: `new_user/${attribute}`, ...allTime };
  const endMs = Math.ceil(toMs / tierMs.day) * tierMs.day;
  return { set: "user_activity", tier: "day", fromMs: endMs - activityDays * tierMs.day, toMs: endMs };
}

/** @returns the users with a value of an attribute */
function lookupOf(attribute: UserAttribute, cells: UserCells, allUsers: UserSet): (value: string) => UserSet {
  const unionOf = (isWanted: (cell: UserCells[number]) => boolean) => UserSet.union(cells.filter(isWanted).map(({ users }) => users));
  if (attribute === "activityTier") {
    const tiers = usersByActivityTier(
      cells.map(({ users }) => users),
      allUsers,
    );
    return (value) => tiers.get(value) ?? new UserSet();
  }
  if (attribute === "cohort") {
    return (value) => {
      const cohort = parseCohort(value);
      return cohort === null ? new UserSet() : unionOf(({ bucketMs }) => bucketMs >= cohort.fromMs && bucketMs < cohort.toMs);
    };
  }
  return (value) => unionOf((cell) => cell.value === value);
}
