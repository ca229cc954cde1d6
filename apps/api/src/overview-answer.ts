import { z } from "zod";
import { answerNotes, by, metricPoint, reportedNumber } from "./metric-answer.ts";

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
  ...answerNotes,
});
