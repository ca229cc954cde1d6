import type { MetricAnswer } from "@trinity/aggregation/answer";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { metricCsv } from "@trinity/exporting/metric-csv";
import { answerMetric } from "@trinity/query/answer-metric";
import { z } from "zod";
import type { Context } from "./context.ts";
import { metricAnswer, metricListing } from "./metric-answer.ts";
import { type MetricQuestion, metricQuestion, parseQuestion } from "./metric-question.ts";
import { question } from "./question.ts";
import { refused } from "./refusal.ts";
import { procedure, router } from "./trpc.ts";

export const metricsRouter = router({
  query: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/metrics/{metric}" },
      summary: "Answers one question about one metric.",
      answer: metricAnswer,
      csv: (answer, input) => metricCsv(answer as MetricAnswer, (input as Partial<MetricQuestion>).by ?? []),
    },
    metricQuestion.shape,
  ).query(async ({ ctx, input }) => {
    const query = parseQuestion(input);
    if ("slug" in query) throw refused(query);
    const answer = await answered(ctx, query);
    return input.compare === undefined ? answer : { ...answer, previous: await previousOf(ctx, query, answer.asOf) };
  }),

  list: procedure({
    permission: "metrics:read",
    rest: { method: "GET", path: "/metrics" },
    summary: "Lists every metric with its definition, unit, dimensions and privacy class.",
    answer: metricListing,
  })
    .input(z.strictObject({}).optional())
    .query(() => ({ metrics: metricCatalogue.map(listed) })),
});

async function answered({ store, clock }: Context, query: MetricQuery): Promise<MetricAnswer> {
  const answer = await answerMetric(store, query, clock.nowMs());
  if ("message" in answer) throw refused({ slug: "invalid-input", errors: [answer] });
  return answer;
}

/** @returns `null` for a range that lies ahead */
async function previousOf(ctx: Context, query: MetricQuery, asOf: string) {
  const period = previousPeriod(query, Date.parse(asOf));
  if (period === null) return null;
  const { from, to, series, totals, overflowed } = await answered(ctx, { ...query, ...period });
  return { from, to, series, totals, ...(overflowed === undefined ? {} : { overflowed }) };
}

function listed(metric: Metric) {
  const { name, unit, definition, calculation, privacy } = metric;
  return {
    name,
    unit,
    definition,
    kind: calculation.kind(unit),
    dimensions: dimensionsOfMetric(metric),
    statistics: calculation.parameter === "statistic" ? statistics : [],
    privacy,
  };
}
