import type { Room } from "@trinity/aggregation/room";
import { type RoomAdvice, roomAdvice } from "@trinity/aggregation/room-advice";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";
import { scanEndedRooms } from "../reads/scan-ended-rooms.ts";
import { bestSizeOf } from "./room-comparison.ts";

export type RoomRecommendationsQuestion = { readonly scope: QuestionScope };

export type RoomRecommendations = {
  /** Rooms that ended in the range: the evidence of all advice. */
  readonly ended: number;
  readonly recommendations: readonly {
    readonly finding: RoomAdvice["finding"];
    readonly advice: RoomAdvice["advice"];
    readonly evidence: Omit<RoomAdvice, "finding" | "advice" | "share"> & RoomAdvice["share"];
  }[];
};

type Plan = { readonly scope: QuestionScope; readonly named: NamedPlans<"sizes"> };
type Facts = { readonly metrics: MetricFacts; readonly rooms: ReadonlyMap<string, Room> };

/** Advice for rooms, from those that ended in a scope. */
export const roomRecommendations: QuestionKind<RoomRecommendationsQuestion, Plan, Facts, RoomRecommendations> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ scope }) => minuteEnd(scope.toMs),
  plan({ scope }, moment) {
    const named = planNamed(scope, { sizes: { metric: "consensus_rate", by: ["roomSize"] } }, moment);
    return named.ok ? ok({ scope, named: named.value }) : named;
  },
  async read({ scope, named }, reader) {
    const read = await readMetrics(named.plans, reader);
    if (read === "outdated") return read;
    const { facts } = read;
    return { ...read, facts: { metrics: facts, rooms: await scanEndedRooms(reader, scope) } };
  },
  compute({ named }, { metrics, rooms }) {
    const answers = namedAnswers(named, metrics);
    const advice = roomAdvice([...rooms.values()], bestSizeOf(answers.sizes));
    return ok({
      ended: rooms.size,
      recommendations: advice.map(({ finding, advice: text, share, ...evidence }) => ({
        finding,
        advice: text,
        evidence: { ...evidence, ...share },
      })),
    });
  },
  overflowCheck: ({ scope }) => ({ scope, counts: [{ metric: "rooms_ended" }], by: [], checkedRange: scope }),
};
