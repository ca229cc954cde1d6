import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { measuresOfMetric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { isLimited } from "@trinity/aggregation/overflow";
import { type Segment, userAttributes } from "@trinity/aggregation/segment";
import { overflowValue } from "@trinity/events/dimension-limits";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import {
  type MetricFacts,
  type MetricPlan,
  metricAnswers,
  metricQueries,
  planMetrics,
  type QuestionScope,
  readMetrics,
} from "../reads/read-metrics.ts";
import { rangesOfUsers, type UserDescription } from "../reads/user-cells.ts";

export type SegmentQuestion = Omit<QuestionScope, "filters">;

/** Who users are by each attribute, and how a segment of them differs from all others. */
export type SegmentData = {
  readonly users: number;
  readonly attributes: readonly {
    readonly attribute: string;
    readonly values: readonly { readonly value: string; readonly users: number }[];
  }[];
  readonly segment: {
    readonly users: number;
    readonly complement: number;
    readonly metrics: readonly {
      readonly metric: string;
      readonly unit: string;
      readonly segment: MetricValue;
      readonly complement: MetricValue;
    }[];
  } | null;
};

/** The metrics that can be asked for a segment. */
const userMetrics = metricCatalogue.filter((metric) => measuresOfMetric(metric).every(({ perUser }) => perUser));

type Plan = { readonly segment: Segment | null; readonly toMs: number; readonly metrics: readonly MetricPlan[] };
type Facts = {
  readonly description: UserDescription;
  readonly sizes: { readonly inside: number; readonly outside: number } | null;
  readonly metrics: MetricFacts;
};

export const segment: QuestionKind<SegmentQuestion, Plan, Facts, SegmentData> = {
  permission: "metrics:read",
  overflowCheck: null,
  // Without a segment there are no metrics, which count up to what waits.
  isOfPresent: ({ segment: asked }) => asked === undefined,

  plan({ segment: asked, ...range }, moment) {
    if (asked === undefined) return ok({ segment: null, toMs: range.toMs, metrics: [] });
    const of = (one: Segment) =>
      metricQueries(
        { ...range, filters: [], segment: one },
        userMetrics.map(({ name }) => ({ metric: name })),
      );
    const metrics = planMetrics([...of(asked), ...of(complementOf(asked))], moment);
    return metrics.ok ? ok({ segment: asked, toMs: range.toMs, metrics: metrics.value }) : metrics;
  },

  async read(plan, reader) {
    const read = await readMetrics(plan.metrics, reader, rangesOfUsers(userAttributes, plan.toMs));
    if (read === "outdated") return read;
    const { users } = read;
    const description = users.describe(plan.toMs);
    const sizeOf = (one: Segment) => users.inSegment({ segment: one, toMs: plan.toMs }).users.size;
    const sizes = plan.segment === null ? null : { inside: sizeOf(plan.segment), outside: sizeOf(complementOf(plan.segment)) };
    return { ...read, facts: { description, sizes, metrics: read.facts }, overflowed: overflowedAttributesOf(description) };
  },

  compute(plan, { description, sizes, metrics }) {
    const attributes = [...description.attributes].map(([attribute, values]) => ({ attribute, values: largestFirst(values) }));
    if (sizes === null) return ok({ users: description.users, attributes, segment: null });
    const answers = metricAnswers(plan.metrics, metrics);
    const [inside, outside] = [answers.slice(0, userMetrics.length), answers.slice(userMetrics.length)];
    const compared = userMetrics.map(({ name, unit }, i) => ({
      metric: name,
      unit,
      segment: totalOf(inside[i] as MetricAnswer),
      complement: totalOf(outside[i] as MetricAnswer),
    }));
    return ok({ users: description.users, attributes, segment: { users: sizes.inside, complement: sizes.outside, metrics: compared } });
  },
};

function complementOf(of: Segment): Segment {
  return { kind: "not", of };
}

/** A segment is made of the same attributes. */
function overflowedAttributesOf({ attributes }: UserDescription): readonly string[] {
  const overflowed = [...attributes].filter(([attribute, values]) => isLimited(attribute) && values.has(overflowValue));
  return overflowed.map(([attribute]) => attribute).sort();
}

function largestFirst(values: ReadonlyMap<string, number>): readonly { readonly value: string; readonly users: number }[] {
  return [...values].map(([value, users]) => ({ value, users })).sort((a, b) => b.users - a.users || (a.value < b.value ? -1 : 1));
}
