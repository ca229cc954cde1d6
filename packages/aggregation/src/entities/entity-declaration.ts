import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import type { RowSubject } from "../rows/row-subject.ts";

/** An entity before an event and after it. */
export type Change<Value> = { readonly before: Value | undefined; readonly after: Value };

type MergeContext = {
  /** The key of the entity. */
  readonly key: string;
  /** The number of the next new user. */
  readonly nextUserNumber: number;
  /** What the same event changed in parts of this entity, by kind. */
  readonly changedParts: Readonly<Record<string, Change<unknown> | undefined>>;
};

/** Everything that is specific to one kind of entity. */
export type EntityDeclaration<Value, PartOf extends "room" | null = null> = {
  /** The name of the kind in stored rows. */
  readonly storedKind: string;
  /** What entities of the kind are about: stores keep those of one subject in one table. */
  readonly subject: "user" | "room" | "title" | "resource";
  /** The kind of the entity that these are parts of. A part's key begins with `partPrefixOf` the key of its entity. */
  readonly partOf: PartOf;
  /** The rows that such entities are behind a number; `null` for a kind that counts only through the entity it is a part of. */
  readonly rowsAre: RowSubject | null;
  /** @returns the part of a key that entities share which are read together: stores keep them beside each other */
  clusterOf(key: string): string;
  /** The user whose data it is; `null` for data of no single user. */
  ownerOf(key: string, entity: Value): string | null;
  /** @returns the keys of the entities of the kind that an event names; for parts, the rest of the key after `partPrefixOf` the room of the event */
  keysOf(event: StoredEvent): readonly string[];
  /** Adds an event that names the entity. The order in which events arrive must not matter. */
  merge(before: Value | undefined, event: StoredEvent, context: MergeContext): Value;
  contributions(entity: Value, key: string): readonly Contribution[];
  /**
   * Each contribution is at most so many milliseconds before or after an event that belongs to the entity; 0 where it is at the instant of one.
   * So the entities that contribute in a range are found by the events near it. `null` for a kind that contributes without an event.
   */
  readonly contributesWithinMs: number | null;
  /** How the entity is stored, if not as it is. */
  readonly codec?: EntityCodec<Value>;
};

/** Both directions, without loss. */
export type EntityCodec<Value> = { encode(entity: Value): unknown; decode(stored: unknown): Value };

const none: readonly string[] = [];

/** @returns the list of one key, or of none */
export function keysFrom(key: unknown): readonly string[] {
  return typeof key === "string" ? [key] : none;
}

/** @returns the room that the key of a room, room member or room title begins with */
export function roomOfKey(key: string): string {
  const end = key.indexOf("/");
  return end === -1 ? key : key.slice(0, end);
}

/** @returns what the keys of an entity's parts begin with; the rest of a key names the part within its entity */
export function partPrefixOf(entityKey: string): string {
  return `${entityKey}/`;
}

/** Stored users and sessions name their context `circumstances`. */
export const contextCodec = {
  encode: <Value extends { readonly context: unknown }>({ context, ...rest }: Value) => ({ ...rest, circumstances: context }),
  decode: (stored: unknown) => {
    const { circumstances, ...rest } = stored as { readonly circumstances: unknown };
    return { ...rest, context: circumstances };
  },
};
