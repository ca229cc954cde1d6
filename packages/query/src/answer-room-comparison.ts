import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { type BestRoomSize, bestRoomSize } from "@trinity/aggregation/best-room-size";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { compareRooms, type RoomGroup } from "@trinity/aggregation/room-comparison";
import { type RoomMetricName, roomOverviewBy } from "@trinity/aggregation/room-overview";
import type { RoomDimension } from "@trinity/aggregation/room-scope";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics, type QuestionScope } from "./answer-metrics.ts";

export type RoomComparison = {
  readonly groups: readonly RoomGroup[];
  /** What the groups were read off. */
  readonly answers: Readonly<Record<RoomMetricName, MetricAnswer>>;
  /** The size of which rooms agree most often; `null` while no room of a known size has ended. */
  readonly optimalSize: BestRoomSize | null;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Rooms of each value of a dimension beside all others, and the size that does best.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerRoomComparison(
  store: EventStore,
  scope: QuestionScope,
  by: RoomDimension,
  nowMs: number,
): Promise<RoomComparison | QueryProblem> {
  const found = await answerMetrics(
    store,
    scope,
    { ...roomOverviewBy(by), all: { metric: "consensus_rate" }, sizes: { metric: "consensus_rate", by: ["roomSize"] } },
    nowMs,
  );
  if ("message" in found) return found;
  const { all, sizes, ...answers } = found.answers;
  return {
    groups: compareRooms(by, answers, totalOf(all)),
    answers,
    optimalSize: bestSizeOf(sizes),
    asOf: found.asOf,
    revision: found.revision,
  };
}

/** @param answer the consensus rate by size of room */
export function bestSizeOf({ totals }: MetricAnswer): BestRoomSize | null {
  const sizes = totals.map(({ by, numerator = 0, denominator = 0 }) => ({
    roomSize: by["roomSize"] as string,
    consensus: numerator,
    rooms: denominator,
  }));
  return bestRoomSize(sizes);
}
