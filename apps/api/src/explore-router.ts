import { clockDimensions, type DimensionName, valuesOf } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric } from "@trinity/aggregation/metric";
import type { Row } from "@trinity/aggregation/row";
import { ratioSides, rowSubjects } from "@trinity/aggregation/rows-behind";
import { type Exploration, exploreRows } from "@trinity/query/explore-rows";
import { z } from "zod";
import { overflowed as overflowedShape, reportedNumber } from "./metric-answer.ts";
import { metricQuestion, parseQuestion } from "./metric-question.ts";
import { question } from "./question.ts";
import { refused } from "./refusal.ts";
import { showEvent, shownEvent } from "./shown-event.ts";
import { router } from "./trpc.ts";

const exploration = metricQuestion
  .pick({ metric: true, from: true, to: true, filter: true, tz: true, window: true, segment: true })
  .extend({
    part: z.enum(ratioSides).optional().describe("Of a ratio: the rows of its numerator or of its denominator (the default)."),
    limit: z.int().min(1).max(1_000).default(100),
    cursor: z.string().min(3).max(400).optional().describe("`nextCursor` of the page before."),
  });

const shownRow = z.strictObject({
  key: z.string().describe("What the row is about: the id of an event, title or line of the books, the pseudonym of anything else."),
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
  asOf: z.iso.datetime(),
  revision: z.int(),
  overflowed: overflowedShape,
});

export const exploreRouter = router({
  events: question(
    {
      permission: "events:read",
      rest: { method: "GET", path: "/explore/events" },
      summary:
        "Lists the rows behind a number, whatever the metric: events in the order of the log, all others in the order of their keys.",
      answer: shownExploration,
    },
    exploration.shape,
  ).query(async ({ ctx, input }) => {
    const { part: side = null, limit, cursor = null, ...asked } = input;
    const query = parseQuestion({ ...asked, granularity: "total", by: [], stat: "mean" });
    if ("slug" in query) throw refused(query);
    const explored = await exploreRows(ctx.store, { ...query, side, limit, cursor }, ctx.clock.nowMs());
    if ("message" in explored) throw refused({ slug: "invalid-input", errors: [explored] });
    return showExploration(explored);
  }),
});

function showExploration(explored: Exploration) {
  const { metric, rowsAre, rows, nextCursor, total, sum, number, make, minuteMs, asOf, revision, overflowed } = explored;
  const dimensions = dimensionsOfMetric(metric).filter((name) => !clockDimensions.has(name));
  const minute = minuteMs === null ? {} : { minute: new Date(minuteMs).toISOString() };
  return {
    rowsAre,
    rows: rows.map((row) => showRow(row, dimensions)),
    events: rows.flatMap(({ event }) => (event === null ? [] : [showEvent(event)])),
    nextCursor,
    total,
    sum,
    number: { ...number, unit: metric.unit, field: make.field, madeBy: make.by, ...minute },
    asOf,
    revision,
    ...(overflowed === undefined ? {} : { overflowed }),
  };
}

function showRow({ key, atMs, untilMs, amount, value, dimensions }: Row, names: readonly DimensionName[]) {
  return {
    key,
    at: new Date(atMs).toISOString(),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    amount,
    ...(value === undefined ? {} : { value }),
    dimensions: Object.fromEntries(names.map((name) => [name, [...valuesOf(dimensions, name)]])),
  };
}
