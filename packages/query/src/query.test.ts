import { question } from "@trinity/aggregation/folded-world";
import type { Pseudonym } from "@trinity/events/event";
import { failed } from "@trinity/runtime/result";
import { DamagedDataError, type EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { aRejection, batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test, vi } from "vitest";
import { ask, tryAsking } from "./asking.testing.ts";
import { createQuery } from "./query.ts";
import { type QuestionName, type QuestionOf, questionKinds } from "./questions.ts";
import { ScanLimitError } from "./reads/scan-limit.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = noonMs + dayMs;

const range = { fromMs: noonMs, toMs: noonMs + dayMs };
const scope = { ...range, timeZone: "UTC", filters: [] };
const votes = question({ metric: "votes", ...range });

/** A question of every kind. */
const questions: { readonly [Name in QuestionName]: QuestionOf<Name> } = {
  metric: { kind: "metric", ...votes },
  metrics: { kind: "metrics", queries: [votes, { ...votes, by: ["platform"] }] },
  overview: { kind: "overview", scope, numbers: { votes: { metric: "votes" } } },
  funnel: {
    kind: "funnel",
    steps: ["join_room", "vote_content"],
    windowMs: hourMs,
    order: "ordered",
    hold: null,
    filters: [],
    ...range,
  },
  paths: { kind: "paths", by: "eventType", start: null, end: null, depth: 3, nodesMax: 5, filters: [], ...range },
  retention: { kind: "retention", cohort: "day", retentionKind: "classic", periods: 2, ...scope },
  segment: { kind: "segment", ...range, timeZone: "UTC" },
  rows: { kind: "rows", ...withoutBreakdown(votes), side: null, limit: 5, cursor: null },
  newEvents: { kind: "newEvents", afterSeq: 0 },
  liveMetrics: { kind: "liveMetrics" },
  room: { kind: "room", roomId: "room-1" },
  roomSurvival: { kind: "roomSurvival", scope, by: null },
  roomPerformance: { kind: "roomPerformance", scope },
  roomComparison: { kind: "roomComparison", scope, by: "genre" },
  roomAbandonment: { kind: "roomAbandonment", scope, limit: 5 },
  roomRecommendations: { kind: "roomRecommendations", scope },
  contentPreferences: { kind: "contentPreferences", scope, by: null },
  contentPerformance: { kind: "contentPerformance", scope, sort: "votes", limit: 5 },
  contentTrends: { kind: "contentTrends", scope, by: "genre", limit: 5 },
  contentRejections: { kind: "contentRejections", scope, limit: 5 },
  ingestion: { kind: "ingestion" },
  verification: { kind: "verification" },
};
const names = Object.keys(questionKinds) as QuestionName[];

function withoutBreakdown({ granularity: _, by: __, ...query }: typeof votes) {
  return query;
}

async function filledStore(): Promise<EventStore> {
  const store = openMemoryStore();
  const events = ["ios", "android", "ios"].map((platform, i) =>
    newEvent(`e${i}`, { userId: `user-${i}` as Pseudonym, timestampMs: noonMs + i * hourMs, context: { platform } }),
  );
  await store.append(batchOf(events, [aRejection("e9")]));
  await foldAll(store, () => noonMs);
  return store;
}

/** Fails whatever is asked of it. */
const untouchable = new Proxy({} as EventStore, {
  get: () => () => Promise.reject(new Error("the store was touched")),
});

test.each(names)("a caller who may not ask for %s is told so, and nothing is read", async (name) => {
  const readLogCheck = vi.fn<() => Promise<never>>(() => Promise.reject(new Error("the check of the log was read")));
  const query = createQuery({ store: untouchable, readLogCheck });
  expect(await query.answer(questions[name], { role: "service" }, nowMs)).toEqual(failed({ kind: "forbidden" }));
  expect(readLogCheck).not.toHaveBeenCalled();
  await expect(query.answer(questions[name], { role: "admin" }, nowMs)).rejects.toThrow("the store was touched");
});

test.each(names)("a caller who may ask for %s gets an answer with all that every answer says", async (name) => {
  const store = await filledStore();
  const { freshness, revision, source, release, overflowed } = await ask(store, questions[name], nowMs);
  expect({ freshness, revision, release, overflowed }).toEqual({
    freshness: { asOfMs: nowMs },
    revision: (await store.readWatermark()).revision,
    release: { suppressed: 0 },
    overflowed: [],
  });
  expect(["rollups", "entities", "log"]).toContain(source);
});

test.each(["metrics-page", "worker"] as const)(
  "the process %s may ask for aggregates and for health, and for nothing else",
  async (process) => {
    const query = createQuery({ store: await filledStore(), readLogCheck: async () => null });
    for (const name of names) {
      const isAllowed = ["metrics:read", "health:read"].includes(questionKinds[name].permission);
      expect({ name, ...(await query.answer(questions[name], { process }, nowMs)) }).toMatchObject({ name, ok: isAllowed });
    }
  },
);

test.each([
  ["a metric that is not in the catalogue", "metric", { ...questions.metric, metric: "nonsense" }],
  ["an empty range", "to", { ...questions.metric, toMs: noonMs }],
  ["one of several queries", "by", { ...questions.metrics, queries: [votes, { ...votes, by: ["screen", "screen"] }] }],
  ["too many buckets", "granularity", { ...questions.metric, fromMs: 0, granularity: "minute" }],
  ["a number of an overview", "metric", { ...questions.overview, numbers: { votes: { metric: "nonsense" } } }],
  ["a segment of what is not about users", "segment", { ...questions.metric, metric: "rooms_created", segment: onIos() }],
  ["a cursor that no page gave", "cursor", { ...questions.rows, cursor: "nonsense" }],
  ["a side of what is no ratio", "part", { ...questions.rows, side: "numerator" }],
  ["too many periods", "periods", { ...questions.retention, periods: 1_000_000 }],
] as const)("%s is invalid, and the failure names where", async (_what, path, wrong) => {
  const result = await tryAsking(await filledStore(), wrong as QuestionOf<QuestionName>, nowMs);
  expect(result).toEqual(failed({ kind: "invalid", path, message: expect.stringMatching(/^[a-z_`].+/) }));
});

function onIos() {
  return { kind: "attribute", attribute: "platform", values: ["ios"] } as const;
}

test("what does not exist is not found", async () => {
  const result = await tryAsking(await filledStore(), { ...questions.room, roomId: "room-9" }, nowMs);
  expect(result).toMatchObject(failed({ kind: "not-found" }));
});

test.each(["funnel", "paths", "rows"] as const)("where %s would have to read too much of the log, there is no answer", async (name) => {
  const tooLong = () => Promise.reject(new ScanLimitError("too long"));
  const store = { ...(await filledStore()), readChunksInRanges: tooLong };
  expect(await tryAsking<QuestionName>(store, questions[name], nowMs)).toEqual(failed({ kind: "too-much-to-scan" }));
  const broken = { ...store, readChunksInRanges: () => Promise.reject(new TypeError("broken")) };
  await expect(tryAsking<QuestionName>(broken, questions[name], nowMs)).rejects.toThrow("broken");
});

test("an answer says how fresh it is: up to what waits to be folded", async () => {
  const store = await filledStore();
  await store.append(batchOf([newEvent("late")], [], noonMs + hourMs));
  const { data, freshness, revision } = await ask(store, questions.metric, nowMs);
  expect({ freshness, revision, total: data.answer.totals[0]?.value }).toEqual({
    freshness: { asOfMs: noonMs + hourMs },
    revision: 1,
    total: 3,
  });
});

test("an answer says where its numbers were read", async () => {
  const store = await filledStore();
  const sourceOf = async (name: QuestionName) => (await ask(store, questions[name], nowMs)).source;
  expect(await sourceOf("metric")).toBe("rollups");
  expect(await sourceOf("funnel")).toBe("log");
  expect(await sourceOf("roomSurvival")).toBe("entities");
  expect((await ask(store, { ...questions.metric, by: ["platform", "locale"] }, nowMs)).source).toBe("log");
});

const byTheMinute = ["metric", "metrics", "overview", "roomPerformance", "roomComparison", "retention"] as const;

test.each(byTheMinute)("where a fold drops minutes between the moment and the read, %s is planned again", async (name) => {
  const store = await filledStore();
  const short = { ...scope, fromMs: noonMs + 60_000, toMs: noonMs + 61 * 60_000 };
  const asked = { ...questions[name], ...short, scope: short, queries: [{ ...votes, ...short }] } as QuestionOf<typeof name>;
  const { minutesFromMs } = await store.readWatermark();
  const plan = vi.spyOn(questionKinds[name], "plan");
  let isDropped = false;
  const dropping: EventStore = {
    ...store,
    readRollups: async (ranges, userRanges) => {
      const isMoment = ranges.length + (userRanges?.length ?? 0) === 0;
      if (!isMoment && !isDropped) {
        isDropped = true;
        await store.append(batchOf([newEvent("later", { timestampMs: noonMs + 90_000 })], [], nowMs));
        await foldAll(store, () => noonMs + 400 * dayMs);
      }
      return store.readRollups(ranges, userRanges);
    },
  };
  const answer = await ask<QuestionName>(dropping, asked, nowMs);
  expect((await store.readWatermark()).minutesFromMs).toBeGreaterThan(minutesFromMs);
  expect(plan).toHaveBeenCalledTimes(2);
  plan.mockRestore();
  expect(answer).toEqual(await ask<QuestionName>(store, asked, nowMs));
});

test.each(["verification", "newEvents", "segment"] as const)(
  "damage in the chunk that waits to be folded does not affect %s",
  async (name) => {
    const damaged = await storeWithDamageThatWaits();
    expect(await ask<QuestionName>(damaged, questions[name], nowMs)).toMatchObject({ freshness: { asOfMs: nowMs }, revision: 1 });
  },
);

test.each([
  ["a metric", questions.metric],
  ["the metrics of a segment", { ...questions.segment, segment: onIos() }],
] as const)("damage in the chunk that waits to be folded fails %s", async (_what, asked) => {
  await expect(ask<QuestionName>(await storeWithDamageThatWaits(), asked, nowMs)).rejects.toThrow("chunk 2");
});

async function storeWithDamageThatWaits(): Promise<EventStore> {
  const store = await filledStore();
  await store.append(batchOf([newEvent("late")], [], noonMs + hourMs));
  return {
    ...store,
    readChunks: (afterSeq, eventsMax) =>
      afterSeq === 0 ? store.readChunks(afterSeq, eventsMax) : Promise.reject(new DamagedDataError("chunk 2 of the log is damaged")),
  };
}
