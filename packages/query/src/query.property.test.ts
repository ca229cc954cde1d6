import type { MetricAnswer } from "@trinity/aggregation/answer";
import { question } from "@trinity/aggregation/folded-world";
import type { Segment } from "@trinity/aggregation/segment";
import { anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { Pseudonym } from "@trinity/events/event";
import type { AppendBatch, EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { aRejection, keyOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { anyQuestion } from "./any-question.testing.ts";
import { ask, tryAsking } from "./asking.testing.ts";
import { openMovingStore } from "./moving-store.testing.ts";
import type { QuestionName, QuestionOf } from "./questions.ts";

// Many worlds and questions: they take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = noonMs + dayMs;
const scope = { fromMs: noonMs, toMs: noonMs + dayMs, timeZone: "UTC", filters: [] };
const votes = question({ metric: "votes", ...scope });

/** A vote of the range and one of the period before, one event again, and one that is rejected. */
function batchAt(seq: number): AppendBatch {
  const vote = (id: string, atMs: number) =>
    newEvent(id, {
      userId: `user-${seq % 5}` as Pseudonym,
      timestampMs: atMs + (seq % 20) * hourMs,
      context: { platform: seq % 2 === 0 ? "ios" : "android", locale: seq % 3 === 0 ? "es-ES" : "en-GB" },
    });
  return {
    receivedAtMs: nowMs,
    events: [vote(`now-${seq}`, noonMs), vote(`before-${seq}`, noonMs - dayMs), vote("again", noonMs)],
    rejections: [aRejection(`rejected-${seq}`, seq % 2 === 0 ? "unknown_type" : "too_old")],
  };
}

const anyMoves = fc.array(fc.record({ appends: fc.integer({ min: 0, max: 2 }), folds: fc.boolean() }), { minLength: 1, maxLength: 7 });

const sumOf = ({ totals }: Pick<MetricAnswer, "totals">) => totals.reduce((sum, { value }) => sum + (value ?? 0), 0);

/** Checks numbers that agree only where they are of one moment. */
const agreements: {
  readonly [Name in "metrics" | "overview" | "ingestion"]: (data: Awaited<ReturnType<typeof ask<Name>>>["data"]) => void;
} = {
  metrics(answers) {
    const [total] = answers as readonly [MetricAnswer];
    expect(answers.map(sumOf)).toEqual(answers.map(() => sumOf(total)));
  },
  overview({ metrics }) {
    // Each chunk has one vote of either period, and the first has `again` besides.
    const [chunks = 0] = metrics.map(({ previous }) => sumOf({ totals: previous ?? [] }));
    for (const { totals, previous } of metrics)
      expect([sumOf({ totals }), sumOf({ totals: previous ?? [] })]).toEqual([chunks === 0 ? 0 : chunks + 1, chunks]);
  },
  ingestion({ received, stored, duplicates, rejected, rejectedByReason, bySource }) {
    expect(received).toBe(stored + duplicates + rejected);
    expect(Object.values(rejectedByReason).reduce((sum, count) => sum + count, 0)).toBe(rejected);
    expect(bySource.reduce((sum, source) => sum + source.received, 0)).toBe(received);
    // Each chunk receives four.
    expect(received).toBe(4 * rejected);
  },
};

/** Only the log answers this. */
const byBoth = { metric: "votes", by: ["platform", "locale"] } as const;
const numbers = { votes: { metric: "votes" }, byPlatform: { metric: "votes", by: ["platform"] }, byBoth } as const;

/** Read from days and, until the first one begins, from the log. */
const votesByTitle = { ...votes, by: ["contentId"], toMs: noonMs + 2 * dayMs } as const;

const onIos: Segment = { kind: "attribute", attribute: "platform", values: ["ios"] };

const ofOneMoment = [
  {
    kind: "metrics",
    queries: [votes, { ...votes, by: ["platform"] }, { ...votes, granularity: "hour" }, { ...votes, ...byBoth }, votesByTitle],
  },
  { kind: "overview", scope, numbers },
  { kind: "ingestion" },
] as const satisfies readonly QuestionOf<QuestionName>[];

/** Of a segment, from rollups and from the log. */
const ofSegment = [
  { kind: "metric", ...votes, metric: "active_users", segment: onIos },
  { kind: "metric", ...votes, segment: onIos },
  {
    kind: "overview",
    scope: { ...scope, segment: { kind: "not", of: onIos } },
    numbers: { active: { metric: "active_users" }, new: { metric: "new_users" }, votes: { metric: "votes" } },
  },
  { kind: "retention", cohort: "day", retentionKind: "rolling", periods: 2, ...scope, fromMs: noonMs - dayMs, segment: onIos },
] as const satisfies readonly QuestionOf<QuestionName>[];

test.each(ofSegment)(
  "whatever is appended and folded between any two reads, who is in the segment of $kind is of the same moment",
  async (asked) => {
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(anyMoves, async (moves) => {
        const moving = openMovingStore(moves, batchAt, nowMs);
        const foldsBefore = await moving.folds();
        const { data, revision } = await ask<QuestionName>(moving.store, asked, nowMs);
        if ((await moving.folds()) > foldsBefore + 1) moved += 1;
        expect(data).toEqual((await ask<QuestionName>(await moving.stoppedAt(revision), asked, nowMs)).data);
      }),
      { numRuns: 100 },
    );
    expect(moved).toBeGreaterThan(20);
  },
);

test("whatever is appended and folded between any two reads, a segment and its complement are all users, and each attribute lists them all", async () => {
  const asked = { kind: "segment", fromMs: scope.fromMs, toMs: scope.toMs, timeZone: "UTC", segment: onIos } as const;
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(anyMoves, async (moves) => {
      const moving = openMovingStore(moves, batchAt, nowMs);
      const { data, revision } = await ask(moving.store, asked, nowMs);
      if ((await moving.folds()) > revision) moved += 1;
      const { users, attributes, segment } = data;
      expect((segment?.users ?? 0) + (segment?.complement ?? 0)).toBe(users);
      for (const { values } of attributes) expect(values.reduce((sum, value) => sum + value.users, 0)).toBe(users);
      const active = segment?.metrics.find(({ metric }) => metric === "active_users");
      expect([active?.segment.value, active?.complement.value]).toEqual([segment?.users, segment?.complement]);
      const stopped = await ask(await moving.stoppedAt(revision), asked, nowMs);
      expect({ users, attributes }).toEqual({ users: stopped.data.users, attributes: stopped.data.attributes });
    }),
    { numRuns: 100 },
  );
  expect(moved).toBeGreaterThan(20);
});

test.each(ofOneMoment)("whatever is appended and folded between any two reads, the numbers of $kind are of one moment", async (asked) => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(anyMoves, fc.integer({ min: 1, max: 3 }), async (moves, times) => {
      const moving = openMovingStore(moves, batchAt, nowMs);
      for (let i = 0; i < times; i++) {
        const foldsBefore = await moving.folds();
        const { data, revision, freshness } = await ask<QuestionName>(moving.store, asked, nowMs);
        if ((await moving.folds()) > foldsBefore + 1) moved += 1;
        const stopped = await ask<QuestionName>(await moving.stoppedAt(revision), asked, nowMs);
        expect(data).toEqual(stopped.data);
        expect(freshness).toEqual({ asOfMs: nowMs });
        (agreements[asked.kind] as (one: typeof data) => void)(data);
      }
    }),
    { numRuns: 100 },
  );
  // The property says something only where folds come between reads.
  expect(moved).toBeGreaterThan(20);
});

async function storeOf({ folds }: World): Promise<EventStore> {
  const store = openMemoryStore();
  for (const { chunks, foldedAtMs } of folds) {
    for (const { receivedAtMs, events } of chunks)
      await store.append({ receivedAtMs, events: events.map((event) => ({ key: keyOf(event.eventId), event })), rejections: [] });
    await foldAll(store, () => foldedAtMs);
  }
  return store;
}

test("an equal question at an equal revision and moment has an answer of equal bytes, whatever was asked before", async () => {
  const anyCase = anyWorldAndQueries.chain(({ world, queries }) =>
    fc.record({
      world: fc.constant(world),
      metrics: fc.shuffledSubarray([...queries], { minLength: 1, maxLength: 3 }),
      questions: fc.array(anyQuestion(world.aroundMs), { minLength: 1, maxLength: 4 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ world, metrics, questions }) => {
      const [one, other] = [await storeOf(world), await storeOf(world)];
      const [metric] = metrics as [(typeof metrics)[0]];
      const asked = [...questions, { kind: "metric" as const, ...metric }, { kind: "metrics" as const, queries: metrics }];
      const bytesOf = async (store: EventStore, of: QuestionOf<QuestionName>) =>
        JSON.stringify(await tryAsking(store, structuredClone(of), world.asOfMs));
      const first: string[] = [];
      for (const of of asked) first.push(await bytesOf(one, of));
      for (const [i, of] of [...asked.entries()].reverse()) {
        expect(await bytesOf(one, of)).toBe(first[i]);
        expect(await bytesOf(other, of)).toBe(first[i]);
      }
    }),
    { numRuns: 100 },
  );
});
