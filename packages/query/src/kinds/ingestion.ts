import type { MetricAnswer } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import type { DimensionName } from "@trinity/aggregation/dimension";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { type MetricFacts, type MetricPlan, metricAnswers, planMetrics, readMetrics } from "../reads/read-metrics.ts";

/** `received` is the sum of the others. */
type IngestCounts = {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly erased: number;
  readonly expired: number;
};

/** What became of everything that was ever received, in all and by source. */
export type IngestionCounts = IngestCounts & {
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly bySource: readonly (IngestCounts & { readonly source: string })[];
};

/** Every receipt there is, by the day: receipts are counted by the time of receipt. */
const receipts: MetricQuery = {
  metric: "ingested_events",
  fromMs: 0,
  toMs: 100_000 * tierMs.day,
  granularity: "total",
  by: ["outcome", "source"] satisfies DimensionName[],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
};

/** The receipts of rejected events, by reason. */
const rejections: MetricQuery = {
  ...receipts,
  by: ["reason"],
  filters: [{ dimension: "outcome", values: ["rejected"], negated: false }],
};

export const ingestion: QuestionKind<object, readonly MetricPlan[], MetricFacts, IngestionCounts> = {
  permission: "health:read",
  overflowCheck: null,
  plan: (_question, moment) => planMetrics([receipts, rejections], moment),
  read: readMetrics,
  compute(plans, facts) {
    const answers = metricAnswers(plans, facts);
    const [sums, reasons] = answers as readonly [MetricAnswer, MetricAnswer];
    return ok(countsOf(sums.totals, reasons.totals));
  },
};

function countsOf(totals: MetricAnswer["totals"], reasons: MetricAnswer["totals"]): IngestionCounts {
  const sources = [...new Set(totals.map(({ by }) => by["source"] ?? ""))].sort();
  const bySource = sources.map((source) => ({ source, ...sumOf(totals.filter(({ by }) => by["source"] === source)) }));
  const rejectedByReason = Object.fromEntries(reasons.map(({ by, value }) => [by["reason"] ?? "", value ?? 0]));
  return { ...sumOf(totals), rejectedByReason, bySource };
}

function sumOf(totals: MetricAnswer["totals"]): IngestCounts {
  const sum = (outcome: string) =>
    totals.filter(({ by }) => by["outcome"] === outcome).reduce((total, { value }) => total + (value ?? 0), 0);
  const [stored, duplicates, rejected] = [sum("accepted"), sum("duplicate"), sum("rejected")];
  return { received: stored + duplicates + rejected, stored, duplicates, rejected, quarantined: 0, erased: 0, expired: 0 };
}
