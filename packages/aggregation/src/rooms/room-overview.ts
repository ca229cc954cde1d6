import type { MetricQuery } from "../metric-query.ts";
import type { RoomDimension } from "./room-scope.ts";

type Asked = Pick<MetricQuery, "metric"> & Partial<Pick<MetricQuery, "by" | "statistic">>;

/** The numbers that describe how rooms do, each asked for the whole of a range. */
export const roomOverview = {
  rooms_created: { metric: "rooms_created" },
  rooms_started: { metric: "rooms_started" },
  rooms_ended: { metric: "rooms_ended", by: ["ending"] },
  consensus_rate: { metric: "consensus_rate" },
  match_success_rate: { metric: "match_success_rate" },
  time_to_consensus_p50: { metric: "time_to_consensus", statistic: "p50" },
  time_to_consensus_p95: { metric: "time_to_consensus", statistic: "p95" },
  participation_rate: { metric: "participation_rate" },
  dropout_rate: { metric: "dropout_rate" },
  seat_fill_rate: { metric: "seat_fill_rate" },
  room_satisfaction: { metric: "room_satisfaction" },
} as const satisfies Readonly<Record<string, Asked>>;
export type RoomMetricName = keyof typeof roomOverview;

/** The same by one dimension. */
export function roomOverviewBy(dimension: RoomDimension): Readonly<Record<RoomMetricName, Asked>> {
  const asked = roomMetricNames.map((name) => [name, { ...roomOverview[name], by: [dimension] }]);
  return Object.fromEntries(asked) as Record<RoomMetricName, Asked>;
}

export const roomMetricNames = Object.keys(roomOverview) as readonly RoomMetricName[];
