import type { MetricAnswer } from "@trinity/aggregation/answer";
import { measuresOfMetric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { isLimited } from "@trinity/aggregation/overflow";
import type { Segment } from "@trinity/aggregation/segment";
import { overflowValue } from "@trinity/events/dimension-limits";
import { answerMetrics, type QuestionScope } from "@trinity/query/answer-metrics";
import { describeUsers, usersInSegment } from "@trinity/query/users-in-segment";
import { z } from "zod";
import type { Context } from "./context.ts";
import { overflowed, reportedNumber } from "./metric-answer.ts";
import { instantText, parseRange, parseSegmentText, segmentText, timeZoneRule, timeZoneText } from "./metric-question.ts";
import { accepted } from "./refusal.ts";

export const segmentQuestion = z.strictObject({
  from: instantText,
  to: instantText.describe("First instant after the range; how active users are shows in the 28 days before it."),
  segment: segmentText.optional(),
  tz: timeZoneText.default("UTC").describe(`Time zone of dates in \`from\` and \`to\`. ${timeZoneRule}`),
});

const number = z.strictObject(reportedNumber);

export const segmentAnswer = z.strictObject({
  users: z.int().describe("Everybody there is."),
  attributes: z.array(z.strictObject({ attribute: z.string(), values: z.array(z.strictObject({ value: z.string(), users: z.int() })) })),
  segment: z
    .strictObject({
      users: z.int(),
      complement: z.int(),
      metrics: z.array(z.strictObject({ metric: z.string(), unit: z.string(), segment: number, complement: number })),
    })
    .nullable()
    .describe("With `segment`: every metric about users for it, and for everybody else, over the range."),
  overflowed,
});

/** The metrics that can be asked for a segment. */
const userMetrics = metricCatalogue.filter((metric) => measuresOfMetric(metric).every(({ perUser }) => perUser));

export async function answerSegment(ctx: Context, input: z.output<typeof segmentQuestion>) {
  const range = accepted(parseRange(input));
  const segment = input.segment === undefined ? null : accepted(parseSegmentText(input.segment));
  const { users, attributes } = await describeUsers(ctx.store, range.toMs);
  const shown = [...attributes].map(([attribute, values]) => ({ attribute, values: largestFirst(values) }));
  const scope = { ...range, timeZone: input.tz, filters: [] };
  // A segment is made of the same attributes.
  const beyond = [...attributes].filter(([attribute, values]) => isLimited(attribute) && values.has(overflowValue)).map(([name]) => name);
  return {
    users,
    attributes: shown,
    segment: segment === null ? null : await compared(ctx, segment, scope),
    ...(beyond.length === 0 ? {} : { overflowed: beyond.sort() }),
  };
}

async function compared({ store, clock }: Context, segment: Segment, scope: QuestionScope) {
  const asked = Object.fromEntries(userMetrics.map(({ name }) => [name, { metric: name }]));
  const told = async (of: Segment) => ({
    users: (await usersInSegment(store, of, scope.toMs)).size,
    answers: accepted(await answerMetrics(store, { ...scope, segment: of }, asked, clock.nowMs())).answers,
  });
  const inside = await told(segment);
  const outside = await told({ kind: "not", of: segment });
  const metrics = userMetrics.map(({ name: metric, unit }) => {
    const [mine, others] = [inside, outside].map(({ answers }) => totalOf(answers[metric]));
    return { metric, unit, segment: mine as MetricValue, complement: others as MetricValue };
  });
  return { users: inside.users, complement: outside.users, metrics };
}

function totalOf(answer: MetricAnswer | undefined): MetricValue {
  const { by: _, ...total } = answer?.totals[0] ?? { by: {}, value: null };
  return total;
}

function largestFirst(values: ReadonlyMap<string, number>) {
  return [...values].map(([value, users]) => ({ value, users })).sort((a, b) => b.users - a.users || (a.value < b.value ? -1 : 1));
}
