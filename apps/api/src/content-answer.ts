import { z } from "zod";
import { difference, leftOut, pattern, prior, proportion, shrunken } from "./counted.ts";
import { answerNotes, by, reportedNumber } from "./metric-answer.ts";

/** The shapes of answers about titles, for the OpenAPI document. */
const rate = z.strictObject(reportedNumber);

export const preferencesAnswer = z.strictObject({
  overall: rate.describe("The positive rate of all votes; by genre a vote counts once under each genre of its title."),
  preferences: z.array(z.strictObject({ by, votes: z.int(), positive: rate, shrunken })).describe("The highest shrunken rate first."),
  prior,
  ...answerNotes,
});

export const contentPerformanceAnswer = z.strictObject({
  titles: z.array(
    z.strictObject({
      contentId: z.string(),
      genres: z.array(z.string()),
      mediaType: z.string(),
      releaseDecade: z.string(),
      votes: z.int(),
      likes: z.int(),
      positive: rate,
      shrunken,
      views: z.int(),
      matches: z.int(),
      matchingPower: rate,
    }),
  ),
  total: z.int().describe("How many titles were voted on."),
  prior,
  recommendations: z.strictObject({
    acceptance: rate.describe("Likes among votes on titles that a recommender proposed."),
    others: rate.describe("The same of titles that are said not to be proposed by one."),
    difference: difference.nullable(),
  }),
  ...answerNotes,
});

export const trendsAnswer = z.strictObject({
  smoother: z.string(),
  trends: z.array(
    z.strictObject({
      by,
      positive: proportion,
      previous: proportion,
      rateChange: difference.nullable().describe("Of the positive rate, now less before; `null` where one of the periods has no vote."),
      volumeChange: z
        .strictObject({
          ratio: z.number().nullable().describe("Votes by time, now over before; `null` where there were none before."),
          low: z.number(),
          high: z.number().nullable(),
          pValue: z.number(),
          adjustedPValue: z.number(),
        })
        .describe("With its 95 % interval."),
      days: z.array(z.strictObject({ start: z.iso.datetime(), positive: proportion, votesPerDay: z.number() })),
    }),
  ),
  total: z.int().describe("How many were compared: p-values are adjusted for all of them."),
  previous: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable(),
  ...answerNotes,
});

export const rejectionsAnswer = z.strictObject({
  rooms: z.strictObject({ noConsensus: z.int(), consensus: z.int() }),
  rejected: z.int().describe("Titles voted on in rooms that ended without consensus, counted once for each room."),
  accepted: z.int().describe("The same in rooms that ended in consensus."),
  patterns: z.array(pattern),
  leftOut,
  ...answerNotes,
});
