import { setTimeout as sleep } from "node:timers/promises";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { askMetric } from "@trinity/query/asking";
import type { EventStore } from "@trinity/storage/event-store";

/** @throws {Error} when the fold does not catch up within two minutes */
export async function untilFolded(store: EventStore): Promise<void> {
  for (const deadlineMs = Date.now() + 120_000; Date.now() < deadlineMs; await sleep(20)) {
    if ((await store.readWatermark()).seq >= (await store.headSeq())) return;
  }
  throw new Error("the fold did not catch up within two minutes");
}

/** A metric's total over all time. */
export async function totalOf(store: EventStore, metric: string): Promise<number | null> {
  if (findMetric(metric) === undefined) throw new RangeError(`${metric} is not in the catalogue`);
  const nowMs = Date.now();
  const dayMs = 86_400_000;
  const range = { fromMs: 0, toMs: (Math.floor(nowMs / dayMs) + 2) * dayMs };
  const question = { granularity: "total", by: [], filters: [], timeZone: "UTC", statistic: "mean", windowDays: 1 } as const;
  const answer = await askMetric(store, { metric, ...range, ...question }, nowMs);
  return answer.totals[0]?.value ?? null;
}
