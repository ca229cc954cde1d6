import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { Pseudonym } from "@trinity/events/event";
import type { Result } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import type { QueryFailure } from "../answer.ts";
import { ask, askMetric, tryAsking } from "../asking.testing.ts";

const hourMs = 3_600_000;
const fromMs = Date.UTC(2026, 0, 5);
const hours = 5_000;
const nowMs = fromMs + hours * hourMs;

const question: MetricQuery = {
  metric: "events",
  fromMs,
  toMs: nowMs,
  granularity: "hour",
  by: ["appVersion"],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
};

async function storeWith(versions: number) {
  const store = openMemoryStore();
  const events = Array.from({ length: versions }, (_, i) =>
    newEvent(`e${i}`, { timestampMs: fromMs, context: { appVersion: `v${i}`, platform: "ios" } }),
  );
  await store.append(batchOf(events));
  await foldAll(store, () => nowMs);
  return store;
}

/** So many points are not worth comparing. */
function failureOf(result: Result<object, QueryFailure>): QueryFailure | null {
  return result.ok ? null : result.error;
}

function tryMetric(store: EventStore, query: MetricQuery) {
  return tryAsking(store, { kind: "metric", ...query }, nowMs);
}

function tryMetrics(store: EventStore, queries: readonly MetricQuery[]) {
  return tryAsking(store, { kind: "metrics", queries }, nowMs);
}

test("each of several questions is answered from what was counted for it, and one that is too large fails all", async () => {
  const store = await storeWith(21);
  const total = { ...question, granularity: "total" } as const;
  const byPlatform = { ...total, by: ["platform"] } as const;
  const together = await ask(store, { kind: "metrics", queries: [total, byPlatform, { ...total, by: [] }] }, nowMs);
  const each = [];
  for (const one of [total, byPlatform, { ...total, by: [] }]) each.push(await askMetric(store, one, nowMs));
  expect(together.data).toEqual(each);
  expect(failureOf(await tryMetrics(store, [byPlatform, question]))).toMatchObject({ kind: "invalid", path: "by" });
});

test("what is refused for its size is not counted to its end: the log is read no further than it takes to know", async () => {
  const store = openMemoryStore();
  for (let chunk = 0; chunk < 25; chunk++) {
    const voteOn = (title: number) => ({ contentId: `movie:${title}`, vote: "like", genres: ["comedy"], mediaType: "movie" });
    const events = Array.from({ length: 1_000 }, (_, i) =>
      newEvent(`e${chunk}-${i}`, { eventType: "vote_content", timestampMs: fromMs, properties: voteOn(chunk * 1_000 + i) }),
    );
    await store.append(batchOf(events));
  }
  await foldAll(store, () => nowMs);
  let chunksRead = 0;
  const counted: EventStore = {
    ...store,
    readChunksInRanges: async (...asked) => {
      const chunks = await store.readChunksInRanges(...asked);
      chunksRead += chunks.length;
      return chunks;
    },
  };
  const noRollup = { ...question, metric: "votes", by: ["contentId", "genre"] } as const;
  expect(failureOf(await tryMetric(counted, noRollup))).toMatchObject({ kind: "invalid", path: "by" });
  expect(chunksRead).toBeGreaterThan(0);
  expect(chunksRead).toBeLessThan(25);
});

test("an answer of several counts is too large as soon as one of them is", async () => {
  // There are no votes: only the users of the quotient have series.
  const store = openMemoryStore();
  const events = Array.from({ length: 21 }, (_, i) =>
    newEvent(`e${i}`, { eventType: "screen_view", properties: { screen: "home" }, timestampMs: fromMs, context: { appVersion: `v${i}` } }),
  );
  await store.append(batchOf(events));
  await foldAll(store, () => nowMs);
  expect(failureOf(await tryMetric(store, { ...question, metric: "votes_per_user" }))).toMatchObject({ kind: "invalid", path: "by" });
});

test("a question that has no answer fails with what is wrong with it, also among others", async () => {
  const store = await storeWith(1);
  const wrong = { ...question, metric: "no_such_metric" };
  const failure = { kind: "invalid", path: "metric", message: "is not in the catalogue" };
  expect(failureOf(await tryMetric(store, wrong))).toEqual(failure);
  expect(failureOf(await tryMetrics(store, [question, wrong]))).toEqual(failure);
});

test("of a segment only its own users count, in every question", async () => {
  const store = openMemoryStore();
  const events = ["ios", "ios", "android"].map((platform, i) =>
    newEvent(`e${i}`, { timestampMs: fromMs, userId: `user-${i}` as Pseudonym, context: { platform } }),
  );
  await store.append(batchOf(events));
  await foldAll(store, () => nowMs);
  const total = { ...question, granularity: "total", by: [] } as const;
  const countsOf = async (segment?: MetricQuery["segment"]) => {
    const asked = segment === undefined ? total : { ...total, segment };
    const { data } = await ask(store, { kind: "metrics", queries: [asked, { ...asked, metric: "active_users" }] }, nowMs);
    return data.map(({ totals }) => totals.map(({ value }) => value));
  };
  const onIos = { kind: "attribute", attribute: "platform", values: ["ios"] } as const;
  expect(await countsOf()).toEqual([[3], [3]]);
  expect(await countsOf(onIos)).toEqual([[2], [2]]);
  expect(await countsOf({ kind: "not", of: onIos })).toEqual([[1], [1]]);
});

test("minutes that are dropped between the moment and the count are not counted on: the question is planned again", async () => {
  const store = await storeWith(3);
  let reads = 0;
  // By the first watermark everything is still kept by the minute.
  const moving: EventStore = {
    ...store,
    readRollups: async (...ranges) => {
      const snapshot = await store.readRollups(...ranges);
      reads += 1;
      return reads === 1 ? { ...snapshot, watermark: { ...snapshot.watermark, minutesFromMs: 0 } } : snapshot;
    },
  };
  const byMinute = { ...question, granularity: "minute", toMs: fromMs + hourMs, by: [] } as const;
  expect((await store.readWatermark()).minutesFromMs).toBeGreaterThan(fromMs);
  expect(await ask(moving, { kind: "metric", ...byMinute }, nowMs)).toEqual(await ask(store, { kind: "metric", ...byMinute }, nowMs));
  expect(reads).toBe(4);
});

test("an answer has 100,000 points at most: one of exactly so many is given, one of more says what to do", async () => {
  expect(failureOf(await tryMetric(await storeWith(21), question))).toEqual({
    kind: "invalid",
    path: "by",
    message: "makes more than 100000 points of this range: ask for a coarser granularity or filter",
  });
  expect(failureOf(await tryMetric(await storeWith(20), question))).toBeNull();
});
