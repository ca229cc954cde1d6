import type { Properties, PropertyValue } from "@trinity/events/event";
import type { RoomFacts } from "./room-facts.ts";
import type { SkipReason } from "./skip-reason.ts";
import type { StreamRecord } from "./stream-record.ts";

/** The fact of a row, before it is an event. */
export type MappedFact = {
  readonly eventType: string;
  /** The arguments of `factId` for its event id. */
  readonly id: readonly [kind: string, ...parts: readonly string[]];
  /** The time in the row; undefined to use the time of the record. */
  readonly atMs: number | undefined;
  readonly userId: string | undefined;
  readonly roomId: string | undefined;
  readonly properties: Properties;
};

/** Maps a change of one kind of row to facts, or to the reason why there are none. */
export type RowMapper = (record: StreamRecord, facts: RoomFacts | null) => readonly MappedFact[] | SkipReason;

/** The properties without unknown ones. */
export function known(properties: Readonly<Record<string, PropertyValue | undefined>>): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Properties;
}

/** An instant as a component of an event id. @returns the empty text without an instant: then there can be only one such fact */
export function idPartOf(ms: number | null | undefined): string {
  return ms === undefined || ms === null ? "" : new Date(ms).toISOString();
}
