import type { EntityMaps } from "@trinity/aggregation/entity";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "@trinity/storage/event-store";

/** Looks up the numbers of users, a page at a time, and caches them while one question is answered. */
export class UserNumbers {
  readonly #store: Pick<EventStore, "readEntities">;
  readonly #numbers = new Map<string, number>();

  constructor(store: Pick<EventStore, "readEntities">) {
    this.#store = store;
  }

  /** Looks up the users that are not cached. */
  async learn(userIds: Iterable<string | null>): Promise<void> {
    const unknown = new Set([...userIds].filter((userId) => userId !== null && !this.#numbers.has(userId))) as Set<string>;
    if (unknown.size === 0) return;
    const refs = [...unknown].map((key) => ({ kind: "user" as const, key }));
    this.note((await this.#store.readEntities({ refs, inferredSessions: [] })).user);
  }

  /** Caches users that were read already. */
  note(users: EntityMaps["user"]): void {
    for (const [userId, { number }] of users) this.#numbers.set(userId, number);
  }

  /** @throws {RangeError} for a user who was not looked up, or of whom no event is folded */
  of(userId: string): number {
    const number = this.#numbers.get(userId);
    if (number === undefined) throw new RangeError("this user has no number");
    return number;
  }

  /** Without a filter (`among` is null) all users are included, and facts without a user too. */
  isIncluded(userId: string | null, userFilter: UserSet | null): boolean {
    if (userFilter === null) return true;
    const number = userId === null ? undefined : this.#numbers.get(userId);
    return number !== undefined && userFilter.has(number);
  }
}
