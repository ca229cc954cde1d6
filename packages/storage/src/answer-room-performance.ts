import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { type RoomFunnelStep, RoomFunnelTally } from "@trinity/aggregation/room-funnel";
import type { RoomMetricName } from "@trinity/aggregation/room-overview";
import { roomOverview } from "@trinity/aggregation/room-overview";
import { answerMetrics, type MetricAnswers, type QuestionScope } from "./answer-metrics.ts";
import type { EventStore } from "./event-store.ts";
import { scanRooms } from "./scan-rooms.ts";

export type RoomPerformance = {
  readonly funnel: { readonly steps: readonly RoomFunnelStep[]; readonly seatsUnknown: number };
  readonly metrics: Readonly<Record<RoomMetricName, MetricAnswer>>;
  /** The period just before; `null` for a range that lies ahead. */
  readonly previous: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly metrics: Readonly<Record<RoomMetricName, MetricAnswer>>;
  } | null;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * How far rooms that were created in a range get, and every number about rooms beside its value in the period before.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomPerformance(
  store: EventStore,
  scope: QuestionScope,
  nowMs: number,
): Promise<RoomPerformance | QueryProblem> {
  const now = await answerMetrics(store, scope, roomOverview, nowMs);
  if ("message" in now) return now;
  const period = previousPeriod(scope, Date.parse(now.asOf));
  let before: MetricAnswers<RoomMetricName> | null = null;
  if (period !== null) {
    const answers = await answerMetrics(store, { ...scope, ...period }, roomOverview, nowMs);
    if ("message" in answers) return answers;
    before = answers;
  }
  const funnel = new RoomFunnelTally(scope);
  for await (const { room } of scanRooms(store)) funnel.add(room);
  return {
    funnel: { steps: funnel.steps(), seatsUnknown: funnel.seatsUnknown },
    metrics: now.answers,
    previous: period === null || before === null ? null : { ...period, metrics: before.answers },
    asOf: now.asOf,
    revision: now.revision,
  };
}
