import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { expect, test } from "vitest";
import { answerMetric, answerTogether } from "./answer-metric.ts";
import { batchOf, newEvent } from "./conformance/store-examples.testing.ts";
import { foldAll } from "./fold-log.ts";
import { openMemoryStore } from "./memory-event-store.ts";

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

test("an answer has a million points at most: one of exactly so many is given, one of more says what to do", async () => {
  const answer = await answerMetric(await storeWith(200), question, nowMs);
  if ("message" in answer) throw new Error(answer.message);
  const refused = await answerMetric(await storeWith(201), question, nowMs);
  expect(refused).toEqual({
    path: "by",
    message: "makes more than 1000000 points of this range: ask for a coarser granularity or filter",
  });
});

test("each of several questions is answered from what was counted for it, and one that is too large refuses all", async () => {
  const store = await storeWith(201);
  const total = { ...question, granularity: "total" } as const;
  const byPlatform = { ...total, by: ["platform"] } as const;
  const together = await answerTogether(store, [total, byPlatform, { ...total, by: [] }], nowMs);
  const each = [];
  for (const one of [total, byPlatform, { ...total, by: [] }]) each.push(await answerMetric(store, one, nowMs));
  expect(together).toEqual(each);
  expect(await answerTogether(store, [byPlatform, question], nowMs)).toMatchObject({ path: "by" });
});
