import { roomSteps } from "@trinity/aggregation/room-funnel";
import { z } from "zod";
import { difference, leftOut, pattern, prior, proportion } from "./counted.ts";
import { answerNotes, by, freshnessFields, reportedNumber } from "./metric-answer.ts";
import { overviewAnswer } from "./overview-answer.ts";

/** The shapes of answers about rooms, for the OpenAPI document. */
const ms = z.number().nullable();
const instant = z.iso.datetime().nullable();

export const survivalAnswer = z.strictObject({
  curves: z.array(
    z.strictObject({
      by,
      rooms: z.int().describe("Rooms that started in the range."),
      matched: z.int(),
      medianMs: ms.describe("`null` while more than half of the rooms have not matched."),
      medianInterval: z.tuple([ms, ms]).describe("95 %; `null` where the data does not bound the end."),
      points: z
        .array(
          z.strictObject({
            ms: z.number().describe("Since the start."),
            atRisk: z.int().describe("Rooms without a match and in sight just before."),
            events: z.int().describe("Rooms that matched then."),
            survival: z.number().describe("Share of rooms without a match up to and including then."),
            low: z.number(),
            high: z.number(),
          }),
        )
        .describe("One for each time at which a room matched, with a pointwise 95 % interval."),
      pointsLeftOut: z.int().describe("Of curves of more than 2,000 points every so many are left out."),
    }),
  ),
  ...answerNotes,
});

export const roomPerformanceAnswer = overviewAnswer.extend({
  funnel: z.strictObject({
    steps: z.array(
      z.strictObject({
        step: z.enum(roomSteps),
        rooms: z.int().describe("Rooms that took this step and every one before it."),
        roomsInAnyOrder: z.int().describe("Rooms that took this step, whatever became of those before it."),
        ofCreated: proportion,
        ofStepBefore: proportion.nullable(),
      }),
    ),
    seatsUnknown: z.int().describe("Rooms that did not say how many seats they have: they get no further than their second member."),
  }),
});

const sizeEstimate = z.strictObject({
  roomSize: z.string(),
  consensus: z.int(),
  rooms: z.int().describe("Rooms of this size that ended."),
  value: z.number().describe("Posterior mean of the consensus rate."),
  interval: z.tuple([z.number(), z.number()]).describe("95 % credible interval."),
  probabilityBest: z.number().describe("The chance that no other size has a higher rate."),
});

export const roomComparisonAnswer = z.strictObject({
  groups: z.array(
    z.strictObject({
      by,
      metrics: z.array(z.strictObject({ name: z.string(), metric: z.string(), unit: z.string(), ...reportedNumber })),
      consensusAgainstOthers: difference.nullable().describe("The consensus rate less that of all other rooms."),
    }),
  ),
  optimalSize: z.strictObject({ best: sizeEstimate, sizes: z.array(sizeEstimate), prior }).nullable(),
  ...answerNotes,
});

export const abandonmentAnswer = z.strictObject({
  ended: z.int().describe("Rooms that ended in the range."),
  abandoned: z.int(),
  patterns: z.array(pattern),
  leftOut,
  ...answerNotes,
});

export const recommendationsAnswer = z.strictObject({
  ended: z.int().describe("Rooms that ended in the range: what all advice rests on."),
  recommendations: z.array(
    z.strictObject({
      finding: z.string(),
      advice: z.string(),
      evidence: z.strictObject({
        metric: z.string(),
        about: z.string(),
        ...proportion.shape,
        comparedWith: z.strictObject({ about: z.string(), ...proportion.shape }),
        difference,
        rooms: z.int(),
        roomsAtStake: z.number().describe("How many of the rooms would have ended otherwise at the rate of those they are compared with."),
      }),
    }),
  ),
  ...answerNotes,
});

export const roomAnswer = z.strictObject({
  roomId: z.string().describe("A pseudonym, as are the ids of people."),
  seats: z.int().nullable(),
  mediaType: z.string().nullable(),
  genres: z.array(z.string()),
  titleCount: z.int(),
  state: z.enum(["consensus", "no_consensus", "abandoned", "open"]),
  milestones: z.strictObject({
    created: instant,
    started: instant,
    firstVote: instant,
    matched: instant,
    agreed: instant,
    closed: instant,
    ended: instant,
    lastEvent: instant,
  }),
  steps: z.array(z.strictObject({ step: z.enum(roomSteps), taken: z.boolean(), reached: z.boolean() })),
  votes: z.int(),
  matches: z.int(),
  people: z.array(
    z.strictObject({
      userId: z.string(),
      member: z.boolean(),
      votes: z.int(),
      joined: instant,
      left: instant,
      fellSilent: instant,
      droppedOut: z.boolean(),
    }),
  ),
  titles: z.array(z.strictObject({ contentId: z.string(), votes: z.int(), likes: z.int(), matched: z.boolean() })),
  satisfaction: z
    .strictObject({
      ...reportedNumber,
      formula: z.string(),
      usualMs: ms.describe("Median time to consensus of rooms of this size that ended in the 30 days up to its end."),
    })
    .nullable(),
  ...freshnessFields,
});
