import { anyWorldAndQueries, type World } from "@trinity/aggregation/world-arbitrary";
import type { Pseudonym } from "@trinity/events/event";
import { anyQuestion } from "@trinity/query/any-question";
import { createQuery, type Query, type QueryCaller } from "@trinity/query/query";
import type { QuestionName, QuestionOf } from "@trinity/query/questions";
import { foldNext } from "@trinity/storage/fold-log";
import { keyOf } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createAnswerCache } from "./answer-cache.ts";

vi.setConfig({ testTimeout: 180_000 });

const caller: QueryCaller = { role: "admin" };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Answers in a process of its own, if everything the kind answers were heavy. */
function setUp(bytesMax = 1_000_000) {
  const store = openMemoryStore();
  const plain = createQuery({ store, readLogCheck: async () => null });
  const cache = createAnswerCache(bytesMax);
  let asked = 0;
  const reader: Query = { answer: (...question) => ((asked += 1), plain.answer(...question)) };
  const cached = createQuery({ store, readLogCheck: async () => null }, cache.known(cache.shared(reader)));
  return { store, plain, cached, cache, asked: () => asked };
}

type Ask = { readonly question: number; readonly hoursLater: number; readonly times: number };
type Step = "append" | "fold" | Ask;

const anyAsk: fc.Arbitrary<Step> = fc.record({
  question: fc.nat(5),
  hoursLater: fc.constantFrom(0, 0, 0.001, 0.3, 1, 13, 100),
  times: fc.integer({ min: 1, max: 3 }),
});
const anyChange = fc.constantFrom<Step>("append", "fold");
const anySteps = fc.array(fc.oneof({ weight: 1, arbitrary: anyChange }, { weight: 3, arbitrary: anyAsk }), { minLength: 5, maxLength: 30 });

const anyCase = anyWorldAndQueries.chain(({ world, queries }) =>
  fc.record({
    world: fc.constant(world),
    metrics: fc.shuffledSubarray([...queries], { minLength: 3, maxLength: 3 }),
    questions: fc.array(anyQuestion(world.aroundMs), { minLength: 3, maxLength: 3 }),
    steps: anySteps,
    bytesMax: fc.constantFrom(3_000, 1_000_000),
  }),
);

const chunksOf = ({ folds }: World) => folds.flatMap(({ chunks }) => chunks);

test("whatever is appended, folded and asked in whatever order, a cached answer is what the store answers, byte for byte", async () => {
  const seen = { hits: 0, joined: 0, kinds: new Set<string>() };
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ world, metrics, questions, steps, bytesMax }) => {
      const { store, plain, cached, cache } = setUp(bytesMax);
      const chunks = chunksOf(world);
      const all = [...questions, ...metrics.map((query): QuestionOf<QuestionName> => ({ kind: "metric", ...query, compare: "previous" }))];
      let nowMs = world.aroundMs;
      for (const step of steps) {
        if (step === "append") {
          const { receivedAtMs = nowMs, events = [] } = chunks.shift() ?? {};
          await store.append({ receivedAtMs, rejections: [], events: events.map((event) => ({ key: keyOf(event.eventId), event })) });
        } else if (step === "fold") await foldNext(store, nowMs);
        else {
          nowMs += Math.round(step.hoursLater * hourMs);
          const question = all[step.question] as QuestionOf<QuestionName>;
          const expected = JSON.stringify(await plain.answer(question, caller, nowMs));
          const hitsBefore = cache.usage().hits;
          const answers = await Promise.all(
            Array.from({ length: step.times }, () => cached.answer(structuredClone(question), caller, nowMs)),
          );
          for (const answer of answers) expect(JSON.stringify(answer)).toBe(expected);
          if (cache.usage().hits > hitsBefore) seen.kinds.add(question.kind);
        }
        expect(cache.usage().bytes).toBeLessThanOrEqual(bytesMax);
      }
      seen.hits += cache.usage().hits;
      seen.joined += cache.usage().joined;
    }),
    { numRuns: 150, endOnFailure: true },
  );
  expect(Math.min(seen.hits, seen.joined)).toBeGreaterThan(50);
  expect(seen.kinds.size).toBeGreaterThan(5);
});

const vote = {
  eventId: "e",
  eventType: "vote_content",
  properties: { contentId: "movie:1", vote: "like" },
  context: {},
  userId: null,
  roomId: null,
  sessionId: null,
  source: { system: "app" },
} as const;
const abandonment = { kind: "roomAbandonment", scope: { fromMs: 0, toMs: dayMs, timeZone: "UTC", filters: [] }, limit: 5 } as const;

async function withOneChunk(store: ReturnType<typeof openMemoryStore>, id: string) {
  const event = { ...vote, eventId: id, receivedAtMs: dayMs, timestampMs: 1_000 };
  await store.append({ receivedAtMs: dayMs, rejections: [], events: [{ key: keyOf(id), event }] });
  await foldNext(store, dayMs);
}

const minuteMs = 60_000;
/** Within a minute in which a room is abandoned. */
const oddEndMs = 2 * dayMs + 31 * minuteMs + 30_500;

/** What a store knows already of the days after: senders' clocks may be ahead, and rooms are abandoned after a day. Each two events are of one user. */
async function withEventsAhead(store: ReturnType<typeof openMemoryStore>) {
  const types = ["join_room", "vote_content", "screen_view"];
  const event = (i: number, timestampMs: number) => ({
    ...vote,
    eventId: `ahead-${i}`,
    eventType: types[i % 3] as string,
    properties: i % 3 === 1 ? vote.properties : {},
    userId: `user-${i >> 1}` as Pseudonym,
    roomId: `room-${i >> 1}` as Pseudonym,
    sessionId: `session-${i >> 1}` as Pseudonym,
    receivedAtMs: 0,
    timestampMs,
  });
  const events = [...Array.from({ length: 60 }, (_, i) => event(i, Math.floor(i * 0.98 * hourMs))), event(97, oddEndMs - dayMs - 20_500)];
  await store.append({ receivedAtMs: 0, rejections: [], events: events.map((one) => ({ key: keyOf(one.eventId), event: one })) });
  await foldNext(store, 0);
}

const upToOddEnd = { fromMs: 0, toMs: oddEndMs, timeZone: "UTC", filters: [] } as const;
const number = { by: [], statistic: "mean", windowDays: 1, ...upToOddEnd } as const;
const steps = ["join_room", "vote_content"];
const changingWithThePresent: readonly QuestionOf<QuestionName>[] = [
  { kind: "funnel", steps, windowMs: 6 * hourMs, order: "ordered", hold: null, fromMs: 0, toMs: dayMs, filters: [] },
  { kind: "paths", by: "eventType", start: null, end: null, depth: 4, nodesMax: 3, filters: [], fromMs: 0, toMs: dayMs },
  // No cells have both dimensions, so the log is read whether a minute is cut or not.
  { kind: "metric", metric: "rooms_ended", granularity: "hour", ...number, by: ["ending", "genre"] },
  { kind: "metric", metric: "events", granularity: "day", compare: "previous", ...number },
  { kind: "metrics", queries: [{ metric: "rooms_ended", granularity: "total", ...number }] },
  { kind: "overview", scope: upToOddEnd, numbers: { ended: { metric: "rooms_ended" }, active: { metric: "active_users", windowDays: 7 } } },
  { kind: "roomPerformance", scope: upToOddEnd },
  { kind: "contentTrends", scope: upToOddEnd, by: "genre", limit: 5 },
  { kind: "rows", metric: "rooms_ended", ...number, side: null, limit: 50, cursor: null },
];

test("as the present passes the ends of ranges and windows, every answer is the one of its moment", async () => {
  const { store, plain, cached, cache } = setUp();
  await withEventsAhead(store);
  const sweep = Array.from({ length: 96 }, (_, i) => Math.round(dayMs - 2 * hourMs + (i * hourMs) / 3));
  const moments = [...sweep, oddEndMs, oddEndMs + 10_000, oddEndMs + minuteMs].sort((a, b) => a - b);
  for (const question of changingWithThePresent) {
    const hitsBefore = cache.usage().hits;
    for (const nowMs of moments) {
      const answer = await cached.answer(question, caller, nowMs);
      expect(JSON.stringify(answer)).toBe(JSON.stringify(await plain.answer(question, caller, nowMs)));
    }
    expect([question.kind, cache.usage().hits > hitsBefore]).toEqual([question.kind, true]);
  }
});

test("a hundred who ask the same at once cost one answer, and so do those who ask later at the same revision", async () => {
  const { store, cached, cache, asked } = setUp();
  await withOneChunk(store, "first");
  const answers = await Promise.all(Array.from({ length: 100 }, () => cached.answer(abandonment, caller, 2 * dayMs)));
  expect([asked(), new Set(answers.map((answer) => JSON.stringify(answer))).size]).toEqual([1, 1]);
  const later = await cached.answer(abandonment, caller, 3 * dayMs);
  expect([asked(), later.ok && later.value.freshness]).toEqual([1, { asOfMs: 3 * dayMs }]);
  expect(cache.usage()).toMatchObject({ misses: 1, joined: 99, hits: 1 });
  await withOneChunk(store, "second");
  await cached.answer(abandonment, caller, 3 * dayMs);
  expect(asked()).toBe(2);
});

test("a large answer is kept for those who come a moment later, and not as bytes", async () => {
  const { store, plain, cached, cache, asked } = setUp();
  await withOneChunk(store, "first");
  const hourly = {
    kind: "metric",
    metric: "votes",
    granularity: "hour",
    by: ["contentId"],
    filters: [],
    timeZone: "UTC",
    statistic: "mean",
    windowDays: 1,
  } as const;
  const question = { ...hourly, fromMs: -400 * dayMs, toMs: dayMs } as const;
  const expected = JSON.stringify(await plain.answer(question, caller, 2 * dayMs));
  for (let i = 0; i < 3; i++) expect(JSON.stringify(await cached.answer(question, caller, 2 * dayMs))).toBe(expected);
  expect([expected.length > 500_000, asked(), cache.usage()]).toEqual([true, 1, { hits: 2, joined: 0, misses: 1, bytes: 0 }]);
});

test("a cache of no bytes answers nothing, and shares nothing", async () => {
  const { store, cached, cache, asked } = setUp(0);
  await withOneChunk(store, "first");
  await Promise.all([1, 2].map(() => cached.answer(abandonment, caller, 2 * dayMs)));
  expect([asked(), cache.usage()]).toEqual([2, { hits: 0, joined: 0, misses: 0, bytes: 0 }]);
});

test("different callers share nothing", async () => {
  const { store, cached, asked } = setUp();
  await withOneChunk(store, "first");
  for (const one of [caller, { process: "worker" }, caller] as const) await cached.answer(abandonment, one, 2 * dayMs);
  expect(asked()).toBe(2);
});

test("a failure is not cached, whether it is thrown or answered", async () => {
  const { store } = setUp();
  await withOneChunk(store, "first");
  const cache = createAnswerCache(1_000_000);
  let asked = 0;
  const failing = {
    answer: async () => {
      asked += 1;
      if (asked === 1) throw new TypeError("a bug");
      return { ok: false, error: { kind: "too-much-to-scan" } };
    },
  } as unknown as Query;
  const cached = createQuery({ store, readLogCheck: async () => null }, cache.known(cache.shared(failing)));
  await expect(cached.answer(abandonment, caller, 2 * dayMs)).rejects.toThrow("a bug");
  for (let i = 0; i < 2; i++)
    expect(await cached.answer(abandonment, caller, 2 * dayMs)).toEqual({ ok: false, error: { kind: "too-much-to-scan" } });
  expect([asked, cache.usage().bytes]).toEqual([3, 0]);
});

test.each([
  ["of an older revision", { revision: 0 }],
  ["of a moment when the range was not over yet", { freshness: { asOfMs: dayMs - 1 } }],
])("an answer %s than the question's is given and not cached", async (_, older) => {
  const { store, plain } = setUp();
  await withOneChunk(store, "first");
  const cache = createAnswerCache(1_000_000);
  const behind = {
    answer: async (...asked: Parameters<Query["answer"]>) => {
      const answer = await plain.answer(...asked);
      return answer.ok ? { ok: true, value: { ...answer.value, ...older } } : answer;
    },
  } as unknown as Query;
  const cached = createQuery({ store, readLogCheck: async () => null }, cache.known(cache.shared(behind)));
  const answers = await Promise.all([1, 2].map(() => cached.answer(abandonment, caller, 2 * dayMs)));
  for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: older });
  expect(cache.usage()).toMatchObject({ misses: 1, joined: 1, bytes: 0 });
});

test("one of several callers who leaves is told so, and the others are answered; the last who leaves ends the work", async () => {
  const { store, plain } = setUp();
  await withOneChunk(store, "first");
  const works: { readonly signal: AbortSignal; readonly end: () => void }[] = [];
  const slow: Query = {
    async answer(question, one, nowMs, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      works.push({ signal: signal as AbortSignal, end: resolve });
      signal?.addEventListener("abort", () => resolve());
      await promise;
      return plain.answer(question, one, nowMs, signal);
    },
  };
  const cache = createAnswerCache(1_000_000);
  const cached = createQuery({ store, readLogCheck: async () => null }, cache.known(cache.shared(slow)));
  const askFor = ({ signal }: AbortController) => cached.answer(abandonment, caller, 2 * dayMs, signal);
  const [leaving, staying, last] = [new AbortController(), new AbortController(), new AbortController()];
  const [left, stays] = [askFor(leaving), askFor(staying)];
  while (works.length === 0) await new Promise(setImmediate);
  leaving.abort();
  expect(await left).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  expect(works[0]?.signal.aborted).toBe(false);
  works[0]?.end();
  expect([(await stays).ok, works.length]).toEqual([true, 1]);
  await withOneChunk(store, "second");
  void askFor(last);
  while (works.length === 1) await new Promise(setImmediate);
  last.abort();
  expect(works[1]?.signal.aborted).toBe(true);
});
