import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { previousPeriod } from "@trinity/aggregation/previous-period";
import { type RoomFunnelStep, RoomFunnelTally } from "@trinity/aggregation/room-funnel";
import { type RoomMetricName, roomMetricNames, roomOverview } from "@trinity/aggregation/room-overview";
import { type Asked, answerMetrics, type QuestionScope } from "./answer-metrics.ts";
import type { EventStore } from "./event-store.ts";
import { readPresent } from "./present.ts";
import { scanRooms } from "./scan-rooms.ts";

type RoomMetrics = Readonly<Record<RoomMetricName, MetricAnswer>>;

export type RoomPerformance = {
  readonly funnel: { readonly steps: readonly RoomFunnelStep[]; readonly seatsUnknown: number };
  readonly metrics: RoomMetrics;
  /** The period just before; `null` for a range that lies ahead. */
  readonly previous: { readonly fromMs: number; readonly toMs: number; readonly metrics: RoomMetrics } | null;
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
  const period = previousPeriod(scope, (await readPresent(store, nowMs)).asOfMs);
  const before: Readonly<Record<string, Asked>> = period === null ? {} : overviewOf(period);
  const found = await answerMetrics<string>(store, scope, { ...roomOverview, ...before }, nowMs);
  if ("message" in found) return found;
  const funnel = new RoomFunnelTally(scope);
  for await (const { room } of scanRooms(store)) funnel.add(room);
  const metricsOf = (prefix: string) =>
    Object.fromEntries(roomMetricNames.map((name) => [name, found.answers[prefix + name]])) as RoomMetrics;
  return {
    funnel: { steps: funnel.steps(), seatsUnknown: funnel.seatsUnknown },
    metrics: metricsOf(""),
    previous: period === null ? null : { ...period, metrics: metricsOf(previously) },
    asOf: found.asOf,
    revision: found.revision,
  };
}

/** Told apart by their names from the questions about the range itself. */
const previously = "previous:";

function overviewOf(period: { readonly fromMs: number; readonly toMs: number }): Readonly<Record<string, Asked>> {
  return Object.fromEntries(roomMetricNames.map((name) => [previously + name, { ...roomOverview[name], ...period }]));
}
