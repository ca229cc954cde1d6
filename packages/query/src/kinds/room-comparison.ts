import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { type BestRoomSize, bestRoomSize } from "@trinity/aggregation/best-room-size";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import { compareRooms, type RoomGroup } from "@trinity/aggregation/room-comparison";
import { roomMetricNames, roomOverview, roomOverviewBy } from "@trinity/aggregation/room-overview";
import type { RoomDimension } from "@trinity/aggregation/room-scope";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { areHeavy, type MetricFacts, type QuestionScope, readMetrics } from "../reads/read-metrics.ts";

export type RoomComparisonQuestion = { readonly scope: QuestionScope; readonly by: RoomDimension };

export type RoomComparison = {
  readonly groups: readonly {
    readonly by: Readonly<Record<string, string>>;
    readonly metrics: readonly (MetricValue & { readonly name: string; readonly metric: string; readonly unit: string })[];
    readonly consensusAgainstOthers: RoomGroup["consensusAgainstOthers"];
  }[];
  /** The size of which rooms agree most often; null while no room of a known size has ended. */
  readonly optimalSize: BestRoomSize | null;
};

const askedBy = (by: RoomDimension) =>
  ({ ...roomOverviewBy(by), all: { metric: "consensus_rate" }, sizes: { metric: "consensus_rate", by: ["roomSize"] } }) as const;

type Plan = { readonly by: RoomDimension; readonly named: NamedPlans<keyof ReturnType<typeof askedBy>> };

/** Rooms of each value of a dimension beside all others, and the size that does best. */
export const roomComparison: QuestionKind<RoomComparisonQuestion, Plan, MetricFacts, RoomComparison> = {
  permission: "metrics:read",
  isHeavy: ({ named }) => areHeavy(named.plans),
  plan({ scope, by }, moment) {
    const named = planNamed(scope, askedBy(by), moment);
    return named.ok ? ok({ by, named: named.value }) : named;
  },
  read: ({ named }, reader) => readMetrics(named.plans, reader),
  compute({ by, named }, facts) {
    const answers = namedAnswers(named, facts);
    const { all, sizes, ...overview } = answers;
    const groups = compareRooms(by, overview, totalOf(all));
    return ok({
      groups: groups.map(({ value, metrics, consensusAgainstOthers }) => ({
        by: { [by]: value },
        metrics: roomMetricNames.map((name) => ({ name, metric: overview[name].metric, unit: overview[name].unit, ...metrics[name] })),
        consensusAgainstOthers,
      })),
      optimalSize: bestSizeOf(sizes),
    });
  },
  overflowCheck: ({ scope, by }) => ({ scope, counts: Object.values(roomOverview), by: [by], checkedRange: scope }),
};

/** @param answer the consensus rate by size of room */
export function bestSizeOf({ totals }: MetricAnswer): BestRoomSize | null {
  const sizes = totals.map(({ by, numerator = 0, denominator = 0 }) => ({
    roomSize: by["roomSize"] as string,
    consensus: numerator,
    rooms: denominator,
  }));
  return bestRoomSize(sizes);
}
