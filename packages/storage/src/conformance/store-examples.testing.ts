import { createHash } from "node:crypto";
import type { AmountCell, Cell } from "@trinity/aggregation/cell";
import type { EntityWrite } from "@trinity/aggregation/entity";
import type { EntityOf } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import type { AppendBatch, EventKey, EventStore, NewEvent, Rejection } from "../event-store.ts";

/** Small events, batches and steps for tests to vary. */

/** Noon of a Monday. */
export const noonMs = Date.UTC(2026, 5, 1, 12);

export function keyOf(eventId: string): EventKey {
  return createHash("sha256").update(eventId).digest().subarray(0, 16);
}

export function anEvent(eventId: string, change: Partial<StoredEvent> = {}): StoredEvent {
  return {
    eventId,
    eventType: "vote_content",
    timestampMs: noonMs,
    receivedAtMs: noonMs + 40,
    userId: "user-1" as Pseudonym,
    roomId: "room-1" as Pseudonym,
    sessionId: null,
    properties: { contentId: "movie:862", vote: "like", genres: ["comedy"], recommended: false },
    context: { platform: "android" },
    source: { system: "app" },
    ...change,
  };
}

export function newEvent(eventId: string, change: Partial<StoredEvent> = {}): NewEvent {
  return { key: keyOf(eventId), event: anEvent(eventId, change) };
}

export function aRejection(eventId: string | null, code = "unknown_type", source = "app"): Rejection {
  return { key: eventId === null ? null : keyOf(eventId), source, code };
}

export function batchOf(events: readonly NewEvent[], rejections: readonly Rejection[] = [], receivedAtMs = noonMs + 50): AppendBatch {
  return { receivedAtMs, events, rejections };
}

/** @returns the event ids of each chunk */
export async function idsByChunk(store: EventStore): Promise<readonly (readonly string[])[]> {
  const chunks = await store.readChunks(0, 1_000_000);
  return chunks.map(({ events }) => events.map(({ eventId }) => eventId));
}

/** A step that moves the watermark by one chunk; it changes only what `change` contains. */
export function stepFrom(
  from: Watermark,
  change: Partial<Omit<FoldStep, "from" | "to">> & { readonly to?: Partial<Watermark> } = {},
): FoldStep {
  const to = { ...from, seq: from.seq + 1, revision: from.revision + 1, ...change.to };
  return { foldedAtMs: noonMs + 1_000, entities: [], cells: [], index: [], ...change, from, to };
}

/** @param change `amounts` by component */
export function aCell(change: Partial<Omit<Cell, "vector">> & { readonly amounts?: Readonly<Record<number, number>> } = {}): Cell {
  const { amounts = { 0: 1 }, ...key } = change;
  const vector = new Map(Object.entries(amounts).map(([component, amount]) => [Number(component), amount]));
  return { set: "vote/genre", tier: "hour", bucketMs: noonMs, value: "comedy", ...key, vector };
}

/** A cell as `readRollups` returns it. */
export function asRead({ vector, ...key }: Cell): AmountCell {
  const ascending = [...vector].sort(([a], [b]) => a - b);
  return { ...key, amounts: Float64Array.from(ascending.flat()) };
}

/** Commits a step from the current watermark, after making the log long enough. */
export async function commit(store: EventStore, change: Parameters<typeof stepFrom>[1]): Promise<"committed" | "superseded"> {
  const step = stepFrom(await store.readWatermark(), change);
  await fillLog(store, step.to.seq);
  return store.commitFold(step);
}

/** Appends chunks without events up to `throughSeq`: a store whose watermark is beyond its log cannot be reopened. */
export async function fillLog(store: EventStore, throughSeq: number): Promise<void> {
  for (let seq = await store.headSeq(); seq < throughSeq; seq++) await store.append(batchOf([], [aRejection(null)]));
}

export function title(key: string, atMs = 0): EntityWrite & { readonly value: EntityOf["title"] } {
  return { kind: "title", key, value: { first: { atMs, eventId: key }, described: null, dimensions: {} } };
}
