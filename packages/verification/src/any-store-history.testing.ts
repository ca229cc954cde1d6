import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { anyReportedEvent } from "@trinity/events/event-arbitrary";
import type { AppendBatch, EventStore, NewEvent } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import { aRejection, keyOf, noonMs } from "@trinity/storage/store-examples";
import type { Repair } from "@trinity/storage/verification-store";
import fc from "fast-check";
import { openMemoryShadowState } from "./memory-shadow-state.ts";
import { unthrottled } from "./replay.ts";
import { verificationCycle } from "./verification-cycle.ts";

/** One step in the history of a store. */
export type StoreStep =
  | { readonly kind: "append"; readonly batch: AppendBatch }
  /** Folds the next chunks, up to `eventsMax` events. */
  | { readonly kind: "fold"; readonly foldedAtMs: number; readonly eventsMax: number }
  /** Damages a cell and runs a verification cycle. */
  | { readonly kind: "verify"; readonly atMs: number };

/** Stored events with so few ids that many are duplicates. */
const anyNewEvent: fc.Arbitrary<NewEvent> = fc
  .record({ event: anyReportedEvent, id: fc.nat({ max: 30 }), offsetMs: fc.integer({ min: -3_600_000 * 60, max: 3_600_000 }) })
  .map(({ event, id, offsetMs }) => ({ key: keyOf(`event-${id}`), event: storedOf(event, `event-${id}`, noonMs + offsetMs) }));

const anyRejection = fc
  .record({
    id: fc.option(fc.nat({ max: 30 })),
    code: fc.constantFrom("unknown_type", "too_old"),
    source: fc.constantFrom("app", "lambda"),
  })
  .map(({ id, code, source }) => aRejection(id === null ? null : `event-${id}`, code, source));

const anyStep: fc.Arbitrary<StoreStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        events: fc.array(anyNewEvent, { maxLength: 8 }),
        rejections: fc.array(anyRejection, { maxLength: 3 }),
        receivedAtMs: fc.constant(noonMs),
      })
      .map((batch) => ({ kind: "append" as const, batch })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fold" as const),
      foldedAtMs: fc.integer({ min: noonMs, max: noonMs + 3 * 86_400_000 }),
      eventsMax: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("verify" as const), atMs: fc.integer({ min: noonMs, max: noonMs + 9_000 }) }) },
);

/** Appends with duplicates and rejections, folds of any length, and verification cycles. */
export const anyStoreHistory: fc.Arbitrary<readonly StoreStep[]> = fc.array(anyStep, { minLength: 1, maxLength: 12 });

/** @returns the result of the step */
export async function takeStep(store: EventStore, step: StoreStep): Promise<unknown> {
  if (step.kind === "append") return store.append(step.batch);
  if (step.kind === "fold") return foldNext(store, step.foldedAtMs, step.eventsMax);
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: step.atMs, repairs: [damage] });
  return verificationCycle(store, openMemoryShadowState(), { nowMs: () => step.atMs, throttle: unthrottled });
}

const damage: Repair = {
  key: { table: "cell", set: "event", tier: "day", bucketMs: noonMs - 43_200_000, value: "" },
  stored: null,
  derived: "[[0,4711]]",
};

function storedOf(
  event: Pick<StoredEvent, "eventType" | "properties" | "source"> & { readonly context: object } & Ids,
  eventId: string,
  timestampMs: number,
): StoredEvent {
  const { userId, roomId, sessionId } = event as { readonly [Name in keyof Ids]: Pseudonym | null };
  const { eventType, properties, context, source } = event;
  return { eventId, eventType, timestampMs, receivedAtMs: noonMs, userId, roomId, sessionId, properties, context, source };
}
type Ids = { readonly userId: string | null; readonly roomId: string | null; readonly sessionId: string | null };
