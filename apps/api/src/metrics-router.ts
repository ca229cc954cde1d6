import type { MetricAnswer } from "@trinity/aggregation/answer";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { statistics } from "@trinity/aggregation/metric-query";
import { metricCsv } from "@trinity/exporting/metric-csv";
import type { Answer } from "@trinity/query/answer";
import type { DataOf } from "@trinity/query/questions";
import { z } from "zod";
import { parsed } from "./api-problem.ts";
import { ask, freshnessOf } from "./ask.ts";
import { metricAnswer, metricListing } from "./metric-answer.ts";
import { type MetricQuestion, metricQuestion, parseQuestion } from "./metric-question.ts";
import { question } from "./question.ts";
import { procedure, router } from "./trpc.ts";

export const metricsRouter = router({
  query: question(
    {
      kind: "metric",
      rest: { method: "GET", path: "/metrics/{metric}" },
      summary: "Answers one question about one metric.",
      answer: metricAnswer,
      csv: (answer, input) => metricCsv(answer as MetricAnswer, (input as Partial<MetricQuestion>).by ?? []),
    },
    metricQuestion.shape,
  ).query(async ({ ctx, input }) => {
    const query = parsed(parseQuestion(input));
    return showMetric(await ask(ctx, { kind: "metric", ...query, compare: input.compare }));
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

function showMetric(answer: Answer<DataOf<"metric">>) {
  const { answer: metric, previous } = answer.data;
  const { overflowed, formula, ...numbers } = metric;
  return {
    ...numbers,
    ...freshnessOf(answer),
    suppressed: answer.release.suppressed,
    source: answer.source,
    ...(overflowed === undefined ? {} : { overflowed }),
    ...(formula === undefined ? {} : { formula }),
    ...(previous === undefined ? {} : { previous: previous === null ? null : showPrevious(previous) }),
  };
}

function showPrevious({ from, to, series, totals, overflowed }: MetricAnswer) {
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
