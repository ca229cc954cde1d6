import type { MetricAnswer } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import type { DimensionName } from "@trinity/aggregation/dimension";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/query/answer-metric";
import type { EventStore } from "@trinity/storage/event-store";
import { z } from "zod";

const counts = {
  received: z.int(),
  stored: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  quarantined: z.int(),
  erased: z.int(),
  expired: z.int(),
};

/** What became of everything that was ever received: `received` is the sum of the others, in all and for each source. */
export const ingestCountsAnswer = z.strictObject({
  ...counts,
  rejectedByReason: z.record(z.string(), z.int()),
  bySource: z.array(z.strictObject({ source: z.string(), ...counts })),
  asOf: z.iso.datetime(),
  revision: z.int(),
});
export type IngestCounts = z.infer<typeof ingestCountsAnswer>;

/** Every receipt there is, by the day: the books are kept by the time of receipt. */
const ingestCountsQuery: MetricQuery = {
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

/** The same receipts by why they were refused. */
const reasonsQuery: MetricQuery = {
  ...ingestCountsQuery,
  by: ["reason"],
  filters: [{ dimension: "outcome", values: ["rejected"], negated: false }],
};

type Totals = Pick<MetricAnswer, "totals" | "asOf" | "revision">;

/** Reads the books at one moment. */
export async function readIngestCounts(store: EventStore, nowMs: number): Promise<IngestCounts> {
  const [sums, reasons] = await Promise.all([ingestCountsQuery, reasonsQuery].map((query) => answered(store, query, nowMs)));
  const agree = sums !== undefined && reasons !== undefined && sums.revision === reasons.revision;
  // A fold came between the two: look again, so that the reasons add up to what was rejected.
  return agree ? ingestCountsOf(sums, reasons) : readIngestCounts(store, nowMs);
}

async function answered(store: EventStore, query: MetricQuery, nowMs: number): Promise<MetricAnswer> {
  const answer = await answerMetric(store, query, nowMs);
  if ("message" in answer) throw new TypeError(`the books cannot be asked for: ${answer.message}`);
  return answer;
}

/** @param sums the answer to `ingestCountsQuery` @param reasons the answer to `reasonsQuery` */
function ingestCountsOf({ totals, asOf, revision }: Totals, reasons: Totals): IngestCounts {
  const sources = [...new Set(totals.map(({ by }) => by.source ?? ""))].sort();
  const of = (lines: MetricAnswer["totals"]) => {
    const sum = (outcome: string) => lines.filter(({ by }) => by.outcome === outcome).reduce((total, { value }) => total + (value ?? 0), 0);
    const [stored, duplicates, rejected] = [sum("accepted"), sum("duplicate"), sum("rejected")];
    return { received: stored + duplicates + rejected, stored, duplicates, rejected, quarantined: 0, erased: 0, expired: 0 };
  };
  const bySource = sources.map((source) => ({ source, ...of(totals.filter(({ by }) => by.source === source)) }));
  const rejectedByReason = Object.fromEntries(reasons.totals.map(({ by, value }) => [by.reason ?? "", value ?? 0]));
  return { ...of(totals), rejectedByReason, bySource, asOf, revision };
}
