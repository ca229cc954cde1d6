import { parseEvent } from "@trinity/events/parse-event";
import { expect } from "vitest";
import { type MappedRecord, mapRecord } from "./map-record.ts";
import type { RoomFacts } from "./room-facts.ts";

export type PlainRow = Readonly<Record<string, unknown>>;

/** A set of strings, which JSON does not have. */
export class StringSet {
  readonly items: readonly string[];
  constructor(...items: readonly string[]) {
    this.items = items;
  }
}

/** A row as DynamoDB's attribute values. */
export function imageOf(row: PlainRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: unknown): unknown {
  if (value instanceof StringSet) return { SS: value.items };
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: imageOf(value as PlainRow) };
}

export const takenMs = Date.parse("2026-01-31T20:30:00.000Z");

const bodyOf = (images: object) => ({ ApproximateCreationDateTime: takenMs / 1_000, SequenceNumber: "1", ...images });

export const inserted = (row: PlainRow) => ({ eventName: "INSERT", dynamodb: bodyOf({ NewImage: imageOf(row) }) });
export const modified = (row: PlainRow, changes: PlainRow) => ({
  eventName: "MODIFY",
  dynamodb: bodyOf({ OldImage: imageOf(row), NewImage: imageOf({ ...row, ...changes }) }),
});
export const removed = (row: PlainRow) => ({ eventName: "REMOVE", dynamodb: bodyOf({ OldImage: imageOf(row) }) });
export const expired = (row: PlainRow) => ({ ...removed(row), userIdentity: { principalId: "dynamodb.amazonaws.com", type: "Service" } });

/** Maps a record, checks that the catalogue accepts the events, and omits the fields that every event has. */
export function eventsFrom(tableName: string, record: unknown, facts: RoomFacts | null = null) {
  const { events, skipped } = mapRecord(record, { tableName, facts, keepTestRows: false });
  for (const event of events) {
    const parsed = parseEvent(event, { nowMs: Date.parse(event.timestamp), eventAgeMaxMs: Number.POSITIVE_INFINITY });
    expect(parsed).toMatchObject({ ok: true, droppedProperties: 0 });
  }
  if (skipped !== null) return skipped;
  return events.map(({ eventType, timestamp, userId, roomId, properties, source }) => {
    expect(source.system).toBe("stream");
    return { eventType, timestamp, userId, roomId, properties, generation: source.generation };
  });
}

export function idsOf({ events }: MappedRecord): readonly string[] {
  return events.map(({ eventId }) => eventId);
}

export const roomId = "7c1d3f0a-5b7e-4c55-9a41-2f6f0f5e8b11";
export const hostId = "b2e5a4c4-1001-70aa-8c11-aa00bb11cc22";
export const guestId = "91c4d7f4-2002-70bb-9d22-cc33dd44ee55";
/** In the format of G3's room ids. */
export const roomIdOfG3 = "1770063304120-k3f9a2bq1x";
