import type { Accumulator } from "@trinity/aggregation/accumulator";
import { answerOf, type MetricAnswer } from "@trinity/aggregation/answer";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { limitedAttributesOf, type OverflowCheck, overflowChecksOf, overflowedOf } from "@trinity/aggregation/overflow";
import { type Plan, planQuery, type QueryProblem } from "@trinity/aggregation/plan";
import type { Segment } from "@trinity/aggregation/segment";
import type { UserSet } from "@trinity/aggregation/user-set";
import { failed, ok, type Result } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import type { QueryFailure } from "../answer.ts";
import { accumulateSubQueries } from "./accumulate-sub-queries.ts";
import type { Moment } from "./moment.ts";
import type { Read, Reader } from "./reader.ts";
import { overflowedAttributes, usersInSegment } from "./users-in-segment.ts";

/** One answer may have so many points: some 100 MB of JSON. */
const pointsMax = 1_000_000;

/** What several questions about metrics have in common. */
export type QuestionScope = Pick<MetricQuery, "fromMs" | "toMs" | "timeZone" | "filters" | "segment">;
/** What one of them asks for besides: the number of the whole range, unless it says otherwise. */
export type Asked = Pick<MetricQuery, "metric"> & Partial<Omit<MetricQuery, "metric" | "timeZone" | "segment">>;

/** @returns the query of each, in order */
export function metricQueries(scope: QuestionScope, asked: readonly Asked[]): readonly MetricQuery[] {
  return asked.map((one) => ({ granularity: "total", by: [], statistic: "mean", windowDays: 1, ...scope, ...one }));
}

/** The plan of one metric, with what to count beside it to find dimensions that overflowed. */
export type MetricPlan = Plan & { readonly checks: readonly OverflowCheck[] };

/** What was counted for each plan, in their order, all of one moment. */
export type MetricFacts = readonly {
  readonly accumulators: readonly Accumulator[];
  readonly overflowed: readonly string[];
}[];

/** @returns the plan of each query, or what is wrong with the first that has a problem */
export function planMetrics(queries: readonly MetricQuery[], { asOfMs, watermark }: Moment): Result<readonly MetricPlan[], QueryProblem> {
  const dataBounds = { asOfMs, minutesFromMs: watermark.minutesFromMs };
  const plans: MetricPlan[] = [];
  for (const query of queries) {
    const plan = planQuery(query, dataBounds);
    if (!plan.ok) return plan;
    plans.push({ ...plan.value, checks: overflowChecksOf(plan.value, dataBounds) });
  }
  return ok(plans);
}

/**
 * Counts what all plans need, from one snapshot of the rollups and the log up to its watermark.
 * @throws {ScanLimitError}
 */
export async function readMetrics(plans: readonly MetricPlan[], { store, moment }: Reader): Promise<Read<MetricFacts> | "outdated"> {
  const segments = new SegmentReads(store);
  const groups = [];
  for (const { subQueries, checks, calendar, query } of plans) {
    const userFilter = await segments.usersOf(query);
    const { fromMs, toMs } = query;
    groups.push({ subQueries: [...subQueries, ...checks.map(({ subQuery }) => subQuery)], calendar, userFilter, range: { fromMs, toMs } });
  }
  const counted = await accumulateSubQueries(store, groups, moment.watermark.minutesFromMs);
  if (counted === "outdated") return counted;
  const facts = [];
  for (const [i, { subQueries, checks, query }] of plans.entries()) {
    const accumulators = counted.accumulators[i] ?? [];
    const checked = accumulators.slice(subQueries.length);
    const overflowed = overflowedOf(checks, checked, await segments.overflowedOf(query));
    facts.push({ accumulators: accumulators.slice(0, subQueries.length), overflowed });
  }
  return {
    facts,
    source: plans.some(({ source }) => source === "log") ? "log" : "rollups",
    revision: counted.watermark.revision,
    overflowed: [...new Set(facts.flatMap(({ overflowed }) => overflowed))].sort(),
  };
}

/** @returns the answer to each plan, in order */
export function metricAnswers(plans: readonly MetricPlan[], facts: MetricFacts): Result<readonly MetricAnswer[], QueryFailure> {
  const answers: MetricAnswer[] = [];
  for (const [i, plan] of plans.entries()) {
    const { accumulators, overflowed } = facts[i] as MetricFacts[number];
    if (accumulators.some(({ seriesCount }) => seriesCount * plan.buckets.length > pointsMax)) return failed(tooManyPoints);
    answers.push(answerOf(plan, accumulators, overflowed));
  }
  return ok(answers);
}

const tooManyPoints: QueryFailure = {
  kind: "invalid",
  path: "by",
  message: `makes more than ${pointsMax} points of this range: ask for a coarser granularity or filter`,
};

/** Reads each segment once, however many plans ask for it. */
class SegmentReads {
  readonly #store: EventStore;
  readonly #users = new Map<string, Promise<UserSet>>();
  readonly #overflowed = new Map<string, Promise<readonly string[]>>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** @returns null for everybody */
  async usersOf({ segment, toMs }: Pick<MetricQuery, "segment" | "toMs">): Promise<UserSet | null> {
    if (segment === undefined) return null;
    return remembered(this.#users, keyOf(segment, toMs), () => usersInSegment(this.#store, segment, toMs));
  }

  async overflowedOf({ segment }: Pick<MetricQuery, "segment">): Promise<readonly string[]> {
    if (segment === undefined) return [];
    return remembered(this.#overflowed, keyOf(segment, 0), () => overflowedAttributes(this.#store, limitedAttributesOf({ segment })));
  }
}

function keyOf(segment: Segment, toMs: number): string {
  return JSON.stringify([segment, toMs]);
}

function remembered<Value>(values: Map<string, Promise<Value>>, key: string, read: () => Promise<Value>): Promise<Value> {
  const value = values.get(key) ?? read();
  values.set(key, value);
  return value;
}
