import { RoomFunnelAccumulator, type RoomFunnelStep } from "@trinity/aggregation/room-funnel";
import { roomOverview } from "@trinity/aggregation/room-overview";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";
import { scanRooms } from "../reads/scan-rooms.ts";
import { type Overview, type OverviewPlan, overviewOf, planOverview, plansOf } from "./overview.ts";

export type RoomPerformanceQuestion = { readonly scope: QuestionScope };
export type RoomPerformance = Overview & {
  readonly funnel: { readonly steps: readonly RoomFunnelStep[]; readonly seatsUnknown: number };
};
type Facts = { readonly metrics: MetricFacts; readonly funnel: RoomFunnelAccumulator };

/** How far rooms that were created in a range get, and every number about rooms beside its value in the period before. */
export const roomPerformance: QuestionKind<RoomPerformanceQuestion, OverviewPlan, Facts, RoomPerformance> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  overflowCheck: null,
  plan: ({ scope }, moment) => planOverview({ scope, numbers: roomOverview }, moment),
  async read(plan, reader) {
    const read = await readMetrics(plansOf(plan), reader);
    if (read === "outdated") return read;
    const funnel = new RoomFunnelAccumulator(plan.scope);
    for await (const page of scanRooms(reader, "created", plan.scope)) for (const { room } of page) funnel.add(room);
    return { ...read, facts: { metrics: read.facts, funnel } };
  },
  compute(plan, { metrics, funnel }) {
    const overview = overviewOf(plan, metrics);
    if (!overview.ok) return overview;
    return ok({ ...overview.value, funnel: { steps: funnel.steps(), seatsUnknown: funnel.seatsUnknown } });
  },
};
