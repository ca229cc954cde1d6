import type { MetricAnswer } from "@trinity/aggregation/answer";
import { tierMs } from "@trinity/aggregation/bucket";
import type { DimensionName } from "@trinity/aggregation/dimension";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
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
export const booksAnswer = z.strictObject({
  ...counts,
  bySource: z.array(z.strictObject({ source: z.string(), ...counts })),
  asOf: z.iso.datetime(),
  revision: z.int(),
});
export type Books = z.infer<typeof booksAnswer>;

/** Every receipt there is, by the day: the books are kept by the time of receipt. */
export const booksQuery: MetricQuery = {
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

/** @param answer to `booksQuery` */
export function booksOf({ totals, asOf, revision }: Pick<MetricAnswer, "totals" | "asOf" | "revision">): Books {
  const sources = [...new Set(totals.map(({ by }) => by.source ?? ""))].sort();
  const of = (lines: MetricAnswer["totals"]) => {
    const sum = (outcome: string) => lines.filter(({ by }) => by.outcome === outcome).reduce((total, { value }) => total + (value ?? 0), 0);
    const [stored, duplicates, rejected] = [sum("accepted"), sum("duplicate"), sum("rejected")];
    return { received: stored + duplicates + rejected, stored, duplicates, rejected, quarantined: 0, erased: 0, expired: 0 };
  };
  const bySource = sources.map((source) => ({ source, ...of(totals.filter(({ by }) => by.source === source)) }));
  return { ...of(totals), bySource, asOf, revision };
}
