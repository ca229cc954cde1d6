import { type EventMeasure, eventMeasures } from "@trinity/aggregation/event-measures";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { Pseudonym, StoredEvent } from "@trinity/events/event";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chunkByTime } from "./chunk-by-time.ts";

const lastMs = 10;
const anyEvent = fc
  .record({ atMs: fc.nat(lastMs), user: fc.nat(4), eventType: fc.constantFrom("vote_content", "screen_view", "title_shown", "user_login") })
  .map(({ atMs, user, eventType }): Partial<StoredEvent> => {
    const properties = eventType === "vote_content" ? { contentId: "movie:1", vote: "like" } : {};
    return { timestampMs: noonMs + atMs, userId: `user-${user}` as Pseudonym, eventType, properties };
  });
const anyRange = fc
  .tuple(fc.integer({ min: -2, max: lastMs + 2 }), fc.nat(lastMs))
  .map(([from, length]) => ({ fromMs: noonMs + from, toMs: noonMs + from + length }));

function chunkOf(events: readonly Partial<StoredEvent>[]): LogChunk {
  return { seq: 1, receivedAtMs: noonMs, receipts: [], events: events.map((change, i) => newEvent(`event-${i}`, change).event) };
}

const numberOf = (userId: string) => Number(userId.slice("user-".length));

test("whatever was asked of a chunk before, a range gives what each of its events adds, and no other", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), fc.array(fc.tuple(fc.constantFrom(...eventMeasures), anyRange)), (changes, asked) => {
      const chunk = chunkOf(changes);
      const learned = new Set<string>();
      for (const [measure, range] of asked) {
        const inRange = chunk.events.filter(({ timestampMs }) => timestampMs >= range.fromMs && timestampMs < range.toMs);
        const byTime = chunkByTime(chunk);
        for (const userId of byTime.usersNeeded(measure, range)) learned.add(userId);
        const told: unknown[] = [];
        const known = (userId: string) => (expect(learned).toContain(userId), numberOf(userId));
        byTime.forEachAmount(measure, range, known, (atMs, amounts) => told.push([atMs, amounts]));
        const each = inRange
          .toSorted((a, b) => a.timestampMs - b.timestampMs)
          .map((event) => [event.timestampMs, measure.amountsOf(event, numberOf)]);
        expect(told).toEqual(each.filter(([, amounts]) => amounts !== null));
        expect(new Set(byTime.eventsIn(range))).toEqual(new Set(inRange));
      }
    }),
    { numRuns: 200 },
  );
});

test("the users of a chunk are asked for once, and only where its time is", () => {
  const chunk = chunkOf([{ timestampMs: noonMs, userId: "user-1" as Pseudonym, eventType: "screen_view" }]);
  const measure = eventMeasures.find(({ components }) => components === "users") as EventMeasure;
  const range = { fromMs: noonMs, toMs: noonMs + 1 };
  expect(chunkByTime(chunk).usersNeeded(measure, { fromMs: noonMs + 1, toMs: noonMs + 2 }).size).toBe(0);
  expect([...chunkByTime(chunk).usersNeeded(measure, range)]).toEqual(["user-1"]);
  chunkByTime(chunk).forEachAmount(measure, range, numberOf, () => {});
  expect(chunkByTime(chunk).usersNeeded(measure, range).size).toBe(0);
});
