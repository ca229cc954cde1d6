import { metricKinds } from "@trinity/aggregation/calculation";
import { z } from "zod";

/** The shapes of answers about metrics, for the OpenAPI document: what they hold is made elsewhere and not checked again on the way out. */
export const by = z.record(z.string(), z.string()).describe("The values of the dimensions asked for in `by`.");

export const reportedNumber = {
  value: z.number().nullable().describe("`null` where there is nothing to divide by, or no fact to take a duration from."),
  numerator: z.int().optional(),
  denominator: z.int().optional(),
  interval: z.tuple([z.number(), z.number()]).nullable().optional().describe("95 % Wilson interval of a proportion."),
  count: z.int().optional().describe("How many facts a duration, a distribution or a score is over."),
  parts: z.record(z.string(), z.number()).optional().describe("What a score is made of, each between 0 and 1."),
};

export const metricPoint = z.strictObject({
  start: z.iso.datetime(),
  ...reportedNumber,
  partial: z.boolean().describe("The bucket is not over, or the range cuts it."),
});

/** How far an answer reaches. */
export const freshnessFields = {
  asOf: z.iso.datetime().describe("Everything acknowledged before this instant is in the answer."),
  revision: z.int().describe("Rises with every fold: equal revisions mean equal answers, but for what counts up to the present."),
};

export const overflowed = z
  .array(z.string())
  .optional()
  .describe(
    "Dimensions of the question of which `other` holds facts: values beyond a dimension's limit are counted there, so what is asked under a named value, or without it, may be off by them. Absent where the answer is exact.",
  );

/** Names dimensions that overflowed where the answer is CSV. */
export const overflowedHeader = "trinity-overflowed";

/** What every answer says of itself. */
export const answerNotes = { ...freshnessFields, overflowed };

const rangeAnswer = {
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  series: z.array(z.strictObject({ by, points: z.array(metricPoint) })),
  totals: z.array(z.strictObject({ by, ...reportedNumber })),
};

export const metricAnswer = z.strictObject({
  metric: z.string(),
  unit: z.string(),
  granularity: z.string(),
  ...rangeAnswer,
  ...freshnessFields,
  suppressed: z.int(),
  source: z.enum(["rollups", "log"]),
  overflowed,
  formula: z.string().optional().describe("How a score is worked out."),
  previous: z
    .strictObject({ ...rangeAnswer, overflowed })
    .nullable()
    .optional()
    .describe("With `compare=previous`: the period just before, as unfinished as the range; `null` for a range that lies ahead."),
});

export const metricListing = z.strictObject({
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      unit: z.string(),
      definition: z.string(),
      kind: z.enum(metricKinds),
      dimensions: z.array(z.string()),
      statistics: z.array(z.string()),
      privacy: z.enum(["people", "aggregate", "system"]),
    }),
  ),
});
