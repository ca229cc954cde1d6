import { rowSubjects } from "@trinity/aggregation/row-subject";
import { ratioSides } from "@trinity/aggregation/rows-of-number";
import { z } from "zod";
import { parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { answerNotes, reportedNumber } from "./metric-answer.ts";
import { metricQuestion, parseQuestion } from "./metric-question.ts";
import { question } from "./question.ts";
import { shownEvent } from "./shown-event.ts";
import { router } from "./trpc.ts";

const exploration = metricQuestion
  .pick({ metric: true, from: true, to: true, filter: true, tz: true, window: true, segment: true })
  .extend({
    part: z.enum(ratioSides).optional().describe("Of a ratio: the rows of its numerator or of its denominator (the default)."),
    limit: z.int().min(1).max(1_000).default(100),
    cursor: z.string().min(3).max(400).optional().describe("`nextCursor` of the page before."),
  });

const shownRow = z.strictObject({
  key: z
    .string()
    .describe("What the row is about: the id of an event, title or line of the ingestion counts, the pseudonym of anything else."),
  at: z.iso.datetime().describe("When it counts: an event's time, a session's start, a user's first fact that counts."),
  until: z.iso.datetime().optional().describe("Of a user day: the end of the day."),
  amount: z.number().describe("How much of the number it is."),
  value: z.number().optional().describe("Of a duration or a distribution: the value, in the metric's unit."),
  dimensions: z.record(z.string(), z.array(z.string())).describe("Its values in the dimensions of the metric, those of the clock aside."),
});

const shownExploration = z.strictObject({
  rowsAre: z.enum(rowSubjects),
  rows: z.array(shownRow),
  events: z.array(shownEvent).describe("The events themselves where the rows are events, else empty."),
  nextCursor: z.string().nullable(),
  total: z.int().describe("How many rows there are on all pages."),
  sum: z.number().describe("What the amounts of the rows on all pages come to."),
  number: z
    .strictObject({
      ...reportedNumber,
      unit: z.string(),
      field: z.enum(["value", "numerator", "denominator", "count"]),
      madeBy: z.enum(["total", "sum"]),
      minute: z.iso.datetime().optional().describe("Of a peak: the first minute that has it."),
    })
    .describe("What the metric says to the same question: the field that is named here equals `total` or `sum`, as `madeBy` says."),
  ...answerNotes,
});

export const exploreRouter = router({
  events: question(
    {
      kind: "rows",
      rest: { method: "GET", path: "/explore/events" },
      summary:
        "Lists the rows behind a number, whatever the metric: events in the order of the log, all others in the order of their keys.",
      answer: shownExploration,
    },
    exploration.shape,
  ).query(async ({ ctx, input }) => {
    const { part: side = null, limit, cursor = null, ...asked } = input;
    const { granularity: _, by: __, ...query } = parsed(parseQuestion({ ...asked, granularity: "total", by: [], stat: "mean" }));
    return shown(await ask(ctx, { kind: "rows", ...query, side, limit, cursor }));
  }),
});
