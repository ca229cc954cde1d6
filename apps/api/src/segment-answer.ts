import { measuresOfMetric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import type { Reported } from "@trinity/aggregation/reported";
import type { Segment } from "@trinity/aggregation/segment";
import { isSegmentProblem, parseSegment } from "@trinity/aggregation/segment-text";
import { answerMetric } from "@trinity/storage/answer-metric";
import { describeUsers, usersInSegment } from "@trinity/storage/users-in-segment";
import { z } from "zod";
import type { Context } from "./context.ts";
import { reportedNumber } from "./metric-answer.ts";
import { instantText, parseRange, segmentRefusal, segmentText, timeZoneText } from "./metric-question.ts";

export const segmentQuestion = z.strictObject({
  from: instantText,
  to: instantText.describe("First instant after the range; how active users are shows in the 28 days before it."),
  segment: segmentText.optional(),
  tz: timeZoneText.default("UTC").describe("IANA time zone of dates in `from` and `to`."),
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
});

/** The metrics that can be asked for a segment. */
const userMetrics = metricCatalogue.filter((metric) => measuresOfMetric(metric).every(({ byUser }) => byUser));

export async function answerSegment(ctx: Context, input: z.output<typeof segmentQuestion>) {
  const range = parseRange(input);
  if ("slug" in range) return range;
  const segment = input.segment === undefined ? null : parseSegment(input.segment);
  if (segment !== null && isSegmentProblem(segment)) return segmentRefusal(segment);
  const { users, attributes } = await describeUsers(ctx.store, range.toMs);
  const shown = [...attributes].map(([attribute, values]) => ({ attribute, values: largestFirst(values) }));
  return { users, attributes: shown, segment: segment === null ? null : await compared(ctx, segment, { ...range, timeZone: input.tz }) };
}

type Range = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone">;

async function compared(ctx: Context, segment: Segment, range: Range) {
  const others: Segment = { kind: "not", of: segment };
  const metrics = [];
  for (const { name: metric, unit } of userMetrics) {
    const [inside, outside] = [await totalOf(ctx, metric, segment, range), await totalOf(ctx, metric, others, range)];
    metrics.push({ metric, unit, segment: inside, complement: outside });
  }
  const [users, complement] = await Promise.all([segment, others].map((of) => usersInSegment(ctx.store, of, range.toMs)));
  return { users: users?.size ?? 0, complement: complement?.size ?? 0, metrics };
}

async function totalOf({ store, clock }: Context, metric: string, segment: Segment, range: Range): Promise<Reported> {
  const query: MetricQuery = { metric, ...range, granularity: "total", by: [], filters: [], statistic: "mean", windowDays: 1, segment };
  const answer = await answerMetric(store, query, clock.nowMs());
  if ("message" in answer) throw new TypeError(`${metric} cannot be asked for a segment: ${answer.message}`);
  const { by: _, ...total } = answer.totals[0] ?? { by: {}, value: null };
  return total;
}

function largestFirst(values: ReadonlyMap<string, number>) {
  return [...values].map(([value, users]) => ({ value, users })).sort((a, b) => b.users - a.users || (a.value < b.value ? -1 : 1));
}
