import { calendarOf } from "@trinity/aggregation/calendar";
import { cohortUnits, type RetentionQuery, retentionKinds } from "@trinity/aggregation/retention";
import { anyWorld, timeZones } from "@trinity/aggregation/world-arbitrary";
import { findDefinition } from "@trinity/events/catalogue";
import type { StoredEvent } from "@trinity/events/event";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";

const dayMs = 86_400_000;
const telemetry = ["span", "log_record", "metric_point"];

const anyAsked = fc.record({
  fromDay: fc.integer({ min: -4, max: 2 }),
  days: fc.integer({ min: 1, max: 5 }),
  agoDays: fc.constantFrom(10, 400, 20_000),
  cohort: fc.constantFrom(...cohortUnits),
  retentionKind: fc.constantFrom(...retentionKinds),
  periods: fc.integer({ min: 1, max: 5 }),
  timeZone: fc.constantFrom("UTC", ...timeZones),
  filters: fc.constantFrom<RetentionQuery["filters"]>([], [{ dimension: "eventType", values: ["vote_content"], negated: false }]),
});

/** Looks at every user and period by itself. */
function expectedCohorts(events: readonly StoredEvent[], query: RetentionQuery, nowMs: number) {
  const calendar = calendarOf(query.timeZone);
  const own = events.filter(({ userId, eventType }) => userId !== null && !telemetry.includes(eventType));
  const isAction = (event: StoredEvent) =>
    findDefinition(event.eventType)?.userAction === true && query.filters.every(({ values }) => values.includes(event.eventType));
  const users = [...new Set(own.map(({ userId }) => userId))].map((user) => own.filter(({ userId }) => userId === user));
  const starts: number[] = [];
  for (let startMs = calendar.startOf(query.cohort, query.fromMs); startMs < query.toMs; startMs = calendar.next(query.cohort, startMs))
    starts.push(startMs);
  return starts.map((startMs) => {
    const members = users.filter(
      (list) => calendar.startOf(query.cohort, Math.min(...list.map(({ timestampMs }) => timestampMs))) === startMs,
    );
    let periodMs = startMs;
    const numerators = Array.from({ length: query.periods + 1 }, () => {
      const fromMs = periodMs;
      periodMs = calendar.next(query.cohort, periodMs);
      // Of what has not begun nothing is known.
      if (fromMs >= nowMs) return null;
      const isBack = ({ timestampMs }: StoredEvent) =>
        timestampMs >= fromMs && (query.retentionKind === "rolling" || timestampMs < periodMs);
      return members.filter((list) => list.some((event) => isAction(event) && isBack(event))).length;
    });
    return { startMs, size: members.length, numerators };
  });
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - retention counts, of those who first came in a period, who was active in each later one", async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, anyAsked, async (world, { fromDay, days, agoDays, ...asked }) => {
      const store = openMemoryStore();
      for (const { chunks, foldedAtMs } of world.folds) {
        for (const { receivedAtMs, events } of chunks)
          await store.append({
            receivedAtMs,
            rejections: [],
            events: events.map((event) => ({ key: Buffer.from(event.eventId.padEnd(16)), event })),
          });
        await foldAll(store, () => foldedAtMs);
      }
      const fromMs = world.aroundMs + fromDay * dayMs;
      const query: RetentionQuery = { ...asked, fromMs, toMs: fromMs + days * dayMs };
      // Everything in the world has happened by then.
      const nowMs = world.aroundMs + agoDays * dayMs;
      const { data } = await ask(store, { kind: "retention", ...query }, nowMs);
      const got = data.cohorts.map(({ start, size, periods }) => ({
        startMs: Date.parse(start),
        size,
        numerators: periods.map(({ numerator }) => numerator),
      }));
      expect(got).toEqual(expectedCohorts(world.events, query, nowMs));
      for (const { size, periods } of data.cohorts) for (const { denominator } of periods) expect(denominator).toBe(size);
    }),
    { numRuns: 200 },
  );
});
