import type { Asked } from "@trinity/query/answer-metrics";
import type { Overview } from "@trinity/query/answer-overview";
import { z } from "zod";
import { by, freshnessFields, metricPoint, overflowed, reportedNumber } from "./metric-answer.ts";
import { named } from "./question.ts";
import { rangeOf } from "./scope-question.ts";

const totals = z.array(z.strictObject({ by, ...reportedNumber }));

/** Named numbers about a range, each beside the period before. */
export const overviewAnswer = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  metrics: z.array(
    z.strictObject({
      name: z.string().describe("The metric, with its statistic or window where it has several."),
      metric: z.string(),
      unit: z.string(),
      totals,
      previous: totals.nullable().describe("The same for the period before."),
      series: z
        .array(z.strictObject({ by, points: z.array(metricPoint) }))
        .optional()
        .describe("Where the number is followed over the range."),
      formula: z.string().optional(),
    }),
  ),
  previous: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable().describe("The period that `previous` is about."),
  ...freshnessFields,
  overflowed,
});

/** @param asked in the order in which the numbers are shown */
export function showOverview<Name extends string>(
  scope: { readonly fromMs: number; readonly toMs: number },
  asked: Readonly<Record<Name, Asked>>,
  { metrics, previous, asOf, revision, overflowed: names }: Overview<Name>,
) {
  return {
    ...rangeOf(scope),
    metrics: (Object.keys(asked) as Name[]).map((name) => {
      const { metric, unit, totals, series, formula } = metrics[name];
      const isFollowed = (asked[name].granularity ?? "total") !== "total";
      return {
        name,
        metric,
        unit,
        totals,
        previous: previous?.metrics[name].totals ?? null,
        ...(isFollowed ? { series } : {}),
        ...(formula === undefined ? {} : { formula }),
      };
    }),
    previous: previous === null ? null : rangeOf(previous),
    asOf,
    revision,
    ...named(names),
  };
}
