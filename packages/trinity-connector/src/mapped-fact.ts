import type { Properties, PropertyValue } from "@trinity/events/event";
import type { RoomFacts } from "./room-facts.ts";
import type { SkipReason } from "./skip-reason.ts";
import type { StreamRecord } from "./stream-record.ts";

/** What a row tells, before it is an event. */
export type MappedFact = {
  readonly eventType: string;
  /** What its event id is made of, as `factId` takes it. */
  readonly id: readonly [kind: string, ...parts: readonly string[]];
  /** By the row; undefined where the record's own time must do. */
  readonly atMs: number | undefined;
  readonly userId: string | undefined;
  readonly roomId: string | undefined;
  readonly properties: Properties;
};

/** One kind of row: what a change of it tells, or why nothing. */
export type RowMapper = (record: StreamRecord, facts: RoomFacts | null) => readonly MappedFact[] | SkipReason;

/** Properties without those that are not known. */
export function known(properties: Readonly<Record<string, PropertyValue | undefined>>): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Properties;
}

/** An instant as a part of an event id. @returns the empty text where there is none: then there can be only one such fact */
export function idPartOf(ms: number | null | undefined): string {
  return ms === undefined || ms === null ? "" : new Date(ms).toISOString();
}
