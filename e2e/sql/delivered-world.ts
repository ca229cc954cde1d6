import { createHash } from "node:crypto";
import type { IngestCount, LogChunk } from "@trinity/aggregation/log-chunk";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore, Rejection } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import type { SeededChoice } from "@trinity/testing/seeded-random";
import type { RawWorld } from "./raw-events.ts";

export type Batch = { readonly receivedAtMs: number; readonly events: readonly StoredEvent[]; readonly refusals: readonly Rejection[] };

/** @returns the events in random order, in batches of all sizes, some of them repeated partly or completely, and some rejected */
export function shuffledBatches(events: readonly StoredEvent[], fromMs: number, random: SeededChoice): readonly Batch[] {
  const left = [...events];
  for (let i = left.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [left[i], left[j]] = [left[j] as StoredEvent, left[i] as StoredEvent];
  }
  const batches: Batch[] = [];
  const next = () => fromMs + batches.length * 1_800_000 + random.below(1_800_000);
  while (left.length > 0) {
    const fresh = left.splice(0, 1 + random.below(200));
    const again = random.chance(0.3) ? (batches.at(random.below(batches.length))?.events.slice(0, 1 + random.below(50)) ?? []) : [];
    const refusals = random.chance(0.2) ? [{ key: null, source: "app", code: random.pick(["too_old", "unknown_event_type"]) }] : [];
    batches.push({ receivedAtMs: next(), events: random.chance(0.5) ? [...again, ...fresh] : [...fresh, ...again], refusals });
  }
  return batches;
}

/** @returns the events in batches of one size, a minute apart */
export function inBatches(events: readonly StoredEvent[], fromMs: number, size: number): readonly Batch[] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, i) => ({
    receivedAtMs: fromMs + i * 60_000,
    events: events.slice(i * size, (i + 1) * size),
    refusals: [],
  }));
}

/** The log of the batches, built by hand: each event at its first arrival, and ingest counts for everything. */
function chunksOf(batches: readonly Batch[]): readonly LogChunk[] {
  const known = new Set<string>();
  return batches.map(({ receivedAtMs, events, refusals }, i) => {
    const isNew = events.map(({ eventId }) => !known.has(eventId) && known.add(eventId) !== undefined);
    const receipts: readonly IngestCount[] = [
      ...events.map(({ source: { system } }, n) => lineOf(system, isNew[n] === true ? "accepted" : "duplicate")),
      ...refusals.map(({ source, code }) => ({ ...lineOf(source, "rejected"), reason: code })),
    ];
    return { seq: i + 1, receivedAtMs, receipts, events: events.filter((_, n) => isNew[n]) };
  });
}

function lineOf(source: string, outcome: IngestCount["outcome"]): IngestCount {
  return { source, outcome, reason: null, count: 1 };
}

/** Appends batch after batch and folds random amounts at random times, until everything is folded. @returns the input of SQL */
export async function deliver(store: EventStore, batches: readonly Batch[], random: SeededChoice): Promise<RawWorld> {
  const foldedAtMs: number[] = [];
  const foldSome = async (nowMs: number, eventsMax: number) => {
    const folded = await foldNext(store, nowMs, eventsMax);
    for (let i = 0; i < folded; i++) foldedAtMs.push(nowMs);
    return folded;
  };
  let nowMs = 0;
  for (const { receivedAtMs, events, refusals } of batches) {
    await store.append({ receivedAtMs, rejections: refusals, events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
    nowMs = receivedAtMs + random.below(60_000);
    if (random.chance(0.3)) await foldSome(nowMs, 1 + random.below(600));
  }
  while ((await foldSome(nowMs, 1 + random.below(600))) > 0);
  return { chunks: chunksOf(batches).map((chunk, i) => ({ chunk, foldedAtMs: foldedAtMs[i] as number })) };
}

function keyOf(eventId: string): Uint8Array {
  return createHash("sha256").update(eventId).digest().subarray(0, 16);
}
