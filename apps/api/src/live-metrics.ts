import type { MetricAnswer } from "@trinity/aggregation/answer";
import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { Statistic } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/query/answer-metric";
import type { EventStore } from "@trinity/storage/event-store";
import { z } from "zod";
import type { Clock } from "./clock.ts";

/** The numbers of the live feed. Distinct people are kept by the hour, so there is no exact count of the last 60 minutes of them. */
const liveNumbers = [
  { name: "events", metric: "events", statistic: "mean", lastHour: true },
  { name: "active_users", metric: "active_users", statistic: "mean", lastHour: false },
  { name: "votes", metric: "votes", statistic: "mean", lastHour: true },
  { name: "positive_rate", metric: "positive_rate", statistic: "mean", lastHour: true },
  { name: "rooms_created", metric: "rooms_created", statistic: "mean", lastHour: true },
  { name: "matches", metric: "matches", statistic: "mean", lastHour: true },
  { name: "requests", metric: "requests", statistic: "mean", lastHour: true },
  { name: "request_duration_p95", metric: "request_duration", statistic: "p95", lastHour: true },
  { name: "ingest_freshness_p95", metric: "ingest_freshness", statistic: "p95", lastHour: true },
] as const satisfies readonly { name: string; metric: string; statistic: Statistic; lastHour: boolean }[];

const value = z.number().nullable();
export const liveMetricsAnswer = z.strictObject({
  asOf: z.iso.datetime(),
  revision: z.int(),
  today: z.record(z.string(), value).describe("Since midnight UTC."),
  last60Minutes: z.record(z.string(), value).describe("The 60 minutes up to now, the present one included."),
});
export type LiveMetricsAnswer = z.infer<typeof liveMetricsAnswer>;

export type LiveMetrics = {
  /** The numbers at a revision or a later one: computed once for all who ask. */
  at(revision: number): Promise<LiveMetricsAnswer>;
};

export function createLiveMetrics(store: EventStore, clock: Clock): LiveMetrics {
  let latest: { readonly revision: number; readonly answer: Promise<LiveMetricsAnswer> } | null = null;
  return {
    at(revision) {
      if (latest !== null && latest.revision >= revision) return latest.answer;
      const answer = compute(store, clock.nowMs());
      latest = { revision, answer };
      answer.catch(() => {
        latest = null;
      });
      return answer;
    },
  };
}

async function compute(store: EventStore, nowMs: number): Promise<LiveMetricsAnswer> {
  const dayStartMs = bucketStart("day", nowMs);
  const minuteEndMs = bucketStart("minute", nowMs) + tierMs.minute;
  const hourly = liveNumbers.filter(({ lastHour }) => lastHour);
  const over = (fromMs: number, toMs: number) => (number: (typeof liveNumbers)[number]) =>
    totalOver(store, number, { fromMs, toMs }, nowMs);
  // The whole day, although it is not over: it is read from one cell.
  const today = await Promise.all(liveNumbers.map(over(dayStartMs, dayStartMs + tierMs.day)));
  const lastHour = await Promise.all(hourly.map(over(minuteEndMs - tierMs.hour, minuteEndMs)));
  const answers = [...today, ...lastHour];
  return {
    asOf: answers.map(({ asOf }) => asOf).toSorted()[0] ?? new Date(nowMs).toISOString(),
    // The oldest: a fold that came in between makes the next revision news.
    revision: Math.min(...answers.map(({ revision }) => revision)),
    today: Object.fromEntries(liveNumbers.map(({ name }, i) => [name, totalOf(today[i])])),
    last60Minutes: Object.fromEntries(hourly.map(({ name }, i) => [name, totalOf(lastHour[i])])),
  };
}

async function totalOver(
  store: EventStore,
  { metric, statistic }: { readonly metric: string; readonly statistic: Statistic },
  range: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): Promise<MetricAnswer> {
  const query = { metric, statistic, ...range, granularity: "total", by: [], filters: [], timeZone: "UTC", windowDays: 1 } as const;
  const answer = await answerMetric(store, query, nowMs);
  if ("message" in answer) throw new TypeError(`${metric} cannot be asked for: ${answer.message}`);
  return answer;
}

function totalOf(answer: MetricAnswer | undefined): number | null {
  return answer?.totals[0]?.value ?? null;
}
