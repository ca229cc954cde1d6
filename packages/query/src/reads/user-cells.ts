import { activityDays, usersByActivityTier } from "@trinity/aggregation/activity-tier";
import { tierMs } from "@trinity/aggregation/bucket";
import type { UserCell } from "@trinity/aggregation/cell";
import { parseCohort } from "@trinity/aggregation/cohort";
import { isLimited } from "@trinity/aggregation/overflow";
import { attributesOf, type Segment, type UserAttribute, userAttributes, usersOf } from "@trinity/aggregation/segment";
import { UserSet } from "@trinity/aggregation/user-set";
import { overflowValue } from "@trinity/events/dimension-limits";
import type { CellRange } from "@trinity/storage/event-store";
import type { CellSnapshot } from "./read-cells.ts";

/** A segment as a question sees it. */
export type SegmentAsOf = {
  readonly segment: Segment;
  /** The end of the question's range: the activity tier of a user is that of the days before it. */
  readonly toMs: number;
};

/** The users of a segment: exact. */
export type SegmentUsers = {
  readonly users: UserSet;
  /** Attributes of the segment in which some user has the overflow value. */
  readonly overflowed: readonly string[];
};

/** How many users there are, and how many have each value of each attribute. */
export type UserDescription = {
  readonly users: number;
  readonly attributes: ReadonlyMap<UserAttribute, ReadonlyMap<string, number>>;
};

/** All of time, in whole days. */
const allTime = { tier: "day", fromMs: -50_000 * tierMs.day, toMs: 100_000 * tierMs.day } as const;
/** Lists all users, each by the day of the first event. */
const allUsersRange: CellRange = { set: "new_user", ...allTime };

/** @returns the ranges that `UserCells` needs for users by these attributes */
export function rangesOfUsers(attributes: Iterable<UserAttribute>, toMs: number): readonly CellRange[] {
  return [allUsersRange, ...[...attributes].map((attribute) => rangeOf(attribute, toMs))];
}

/** @returns the ranges that `UserCells` needs for a segment */
export function rangesOfSegment({ segment, toMs }: SegmentAsOf): readonly CellRange[] {
  return rangesOfUsers(attributesOf(segment), toMs);
}

/** @returns the range of the cells in which some user has the overflow value of an attribute */
export function overflowRangeOf(attribute: string): CellRange {
  return { set: `new_user/${attribute}`, ...allTime, values: [overflowValue] };
}

function rangeOf(attribute: UserAttribute, toMs: number): CellRange {
  if (attribute === "cohort") return allUsersRange;
  if (attribute !== "activityTier") return { set: `new_user/${attribute}`, ...allTime };
  const endMs = Math.ceil(toMs / tierMs.day) * tierMs.day;
  return { set: "user_activity", tier: "day", fromMs: endMs - activityDays * tierMs.day, toMs: endMs };
}

/** Finds users in the cells of one snapshot. */
export class UserCells {
  readonly #read: CellSnapshot["usersOf"];
  readonly #segments = new Map<string, SegmentUsers>();
  readonly #tiers = new Map<number, ReadonlyMap<string, UserSet>>();
  readonly #filtered = new Map<SegmentUsers, Map<UserCell, UserCell>>();
  #all: UserSet | null = null;

  /** @param read of a snapshot that has the ranges of everything that is asked for */
  constructor(read: CellSnapshot["usersOf"]) {
    this.#read = read;
  }

  /** @returns the same object for an equal segment */
  inSegment({ segment, toMs }: SegmentAsOf): SegmentUsers {
    return remembered(this.#segments, JSON.stringify([segment, toMs]), () => {
      const usersWith = (attribute: UserAttribute, value: string) => this.#usersWith(attribute, value, toMs);
      return {
        users: usersOf(segment, { allUsers: this.#allUsers, usersWith }),
        overflowed: [...attributesOf(segment)].filter((attribute) => isLimited(attribute) && !usersWith(attribute, overflowValue).isEmpty),
      };
    });
  }

  /**
   * Each cell is filtered once for a segment, however many numbers are counted from it.
   * @returns the cells of a range, with no other users than those of the segment; null is for all users
   */
  cellsOf(range: CellRange, segment: SegmentUsers | null): readonly UserCell[] {
    const cells = this.#read(range);
    if (segment === null) return cells;
    const filtered = remembered(this.#filtered, segment, () => new Map());
    return cells.map((cell) => remembered(filtered, cell, () => ({ ...cell, users: cell.users.intersect(segment.users) })));
  }

  /** @param toMs as of `SegmentAsOf` */
  describe(toMs: number): UserDescription {
    const attributes = userAttributes.map((attribute) => [attribute, this.#sizesOf(attribute, toMs)] as const);
    return { users: this.#allUsers.size, attributes: new Map(attributes) };
  }

  get #allUsers(): UserSet {
    this.#all ??= unionOf(this.#read(allUsersRange));
    return this.#all;
  }

  #tiersAt(toMs: number): ReadonlyMap<string, UserSet> {
    return remembered(this.#tiers, toMs, () => {
      const activeByDay = this.#read(rangeOf("activityTier", toMs)).map(({ users }) => users);
      return usersByActivityTier(activeByDay, this.#allUsers);
    });
  }

  #usersWith(attribute: UserAttribute, value: string, toMs: number): UserSet {
    if (attribute === "activityTier") return this.#tiersAt(toMs).get(value) ?? new UserSet();
    const cells = this.#read(rangeOf(attribute, toMs));
    if (attribute !== "cohort") return unionOf(cells.filter((cell) => cell.value === value));
    const cohort = parseCohort(value);
    return cohort === null ? new UserSet() : unionOf(cells.filter(({ bucketMs }) => bucketMs >= cohort.fromMs && bucketMs < cohort.toMs));
  }

  #sizesOf(attribute: UserAttribute, toMs: number): ReadonlyMap<string, number> {
    if (attribute === "activityTier") return new Map([...this.#tiersAt(toMs)].map(([tier, users]) => [tier, users.size]));
    const sizes = new Map<string, number>();
    // A user's first event is in one cell, so sizes add up.
    for (const { bucketMs, value, users } of this.#read(rangeOf(attribute, toMs))) {
      const name = attribute === "cohort" ? new Date(bucketMs).toISOString().slice(0, 7) : value;
      sizes.set(name, (sizes.get(name) ?? 0) + users.size);
    }
    return sizes;
  }
}

function unionOf(cells: readonly UserCell[]): UserSet {
  return UserSet.union(cells.map(({ users }) => users));
}

function remembered<Key, Value>(values: Map<Key, Value>, key: Key, compute: () => Value): Value {
  const value = values.get(key) ?? compute();
  values.set(key, value);
  return value;
}
