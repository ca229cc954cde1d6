import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import type { EventStore } from "@trinity/storage/event-store";
import { type Asked, answerMetrics, type QuestionScope } from "./answer-metrics.ts";

type Answers<Name extends string> = Readonly<Record<Name, MetricAnswer>>;

/** Named numbers about a range, each beside its value in the period before. */
export type Overview<Name extends string> = {
  readonly metrics: Answers<Name>;
  /** The period just before; `null` for a range that lies ahead. */
  readonly previous: { readonly fromMs: number; readonly toMs: number; readonly metrics: Answers<Name> } | null;
  readonly asOf: string;
  readonly revision: number;
  /** Dimensions of which `other` holds facts, in the range or in the period before, in order. */
  readonly overflowed: readonly string[];
};

/**
 * Answers named questions about a range, and about the period before it.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerOverview<Name extends string>(
  store: EventStore,
  scope: QuestionScope,
  asked: Readonly<Record<Name, Asked>>,
  nowMs: number,
): Promise<Overview<Name> | QueryProblem> {
  const now = await answerMetrics(store, scope, asked, nowMs);
  if ("message" in now) return now;
  const { answers: metrics, asOf, revision } = now;
  const period = previousPeriod(scope, Date.parse(asOf));
  if (period === null) return { metrics, previous: null, asOf, revision, overflowed: overflowedIn(metrics) };
  // Asked by itself: how active the users of a segment are shows at the end of each period.
  const before = await answerMetrics(store, { ...scope, ...period }, asked, nowMs);
  if ("message" in before) return before;
  const overflowed = overflowedIn(metrics, before.answers);
  return { metrics, previous: { ...period, metrics: before.answers }, asOf, revision, overflowed };
}

function overflowedIn(...all: readonly Readonly<Record<string, MetricAnswer>>[]): readonly string[] {
  const names = all.flatMap((answers) => Object.values(answers)).flatMap(({ overflowed = [] }) => overflowed);
  return [...new Set(names)].sort();
}
