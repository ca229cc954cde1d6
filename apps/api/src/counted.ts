import { z } from "zod";

/** The shapes of counted numbers that answers share, for the OpenAPI document. */
const interval = z.tuple([z.number(), z.number()]);

export const proportion = z.strictObject({
  numerator: z.int(),
  denominator: z.int(),
  value: z.number().nullable(),
  interval: interval.nullable().describe("95 % Wilson interval."),
});

export const difference = z
  .strictObject({
    difference: z.number(),
    low: z.number(),
    high: z.number(),
    pValue: z.number().describe("Two-sided, of there being no difference."),
    adjustedPValue: z.number().optional().describe("By Benjamini and Hochberg, over all that was compared in the answer."),
  })
  .describe("Of two proportions, with Newcombe's 95 % interval.");

export const shrunken = z
  .strictObject({ value: z.number(), interval })
  .describe("Posterior mean of the rate under the prior, and its 95 % credible interval.");

export const prior = z.strictObject({ a: z.number(), b: z.number() }).describe("Beta distribution that the rates seem to be drawn from.");

export const pattern = z
  .strictObject({
    attribute: z.string(),
    value: z.string(),
    among: proportion,
    others: proportion,
    lift: z.number().nullable().describe("Share among these over share among the others; `null` where none of the others has it."),
    low: z.number().describe("Lower end of the 95 % interval of the lift: what patterns are ranked by."),
    high: z.number().nullable(),
    pValue: z.number(),
    adjustedPValue: z.number().describe("By Benjamini and Hochberg, over every value of every attribute that was looked at."),
  })
  .describe("A value that is more frequent among these than among the others.");

export const leftOut = z
  .array(z.string())
  .describe("Attributes that were not looked at, because too much of the log would have to be read.");
