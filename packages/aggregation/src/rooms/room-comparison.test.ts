import { expect, test } from "vitest";
import type { MetricAnswer } from "../answer.ts";
import type { MetricValue } from "../metric-value.ts";
import { compareRooms } from "./room-comparison.ts";
import { type RoomMetricName, roomMetricNames, roomOverview, roomOverviewBy } from "./room-overview.ts";

const answer = (name: RoomMetricName, totals: Readonly<Record<string, MetricValue>>): MetricAnswer => ({
  metric: roomOverview[name].metric,
  unit: "",
  from: "",
  to: "",
  granularity: "total",
  series: [],
  totals: Object.entries(totals).map(([genre, reported]) => ({ by: { genre }, ...reported })),
});
const rate = (numerator: number, denominator: number): MetricValue => ({
  value: numerator / denominator,
  numerator,
  denominator,
  interval: null,
});
const answersWith = (own: Partial<Record<RoomMetricName, Readonly<Record<string, MetricValue>>>>) =>
  Object.fromEntries(roomMetricNames.map((name) => [name, answer(name, own[name] ?? {})])) as Record<RoomMetricName, MetricAnswer>;

test("a group is held against all other rooms, also where rooms are in several groups", () => {
  const groups = compareRooms("genre", answersWith({ consensus_rate: { comedy: rate(6, 10), drama: rate(2, 8) } }), rate(7, 15));
  expect(groups.map(({ value }) => value)).toEqual(["comedy", "drama"]);
  expect(groups[0]?.consensusAgainstOthers?.difference).toBeCloseTo(6 / 10 - 1 / 5, 12);
  expect(groups[1]?.consensusAgainstOthers?.difference).toBeCloseTo(2 / 8 - 5 / 7, 12);
  expect(groups[0]?.consensusAgainstOthers?.adjustedPValue).toBeGreaterThanOrEqual(groups[0]?.consensusAgainstOthers?.pValue as number);
});

test("a group that is all there is has no others, and a metric that counted nothing of it says so", () => {
  const [comedy] = compareRooms(
    "genre",
    answersWith({ rooms_created: { comedy: { value: 3 } }, consensus_rate: { comedy: rate(1, 2) } }),
    rate(1, 2),
  );
  expect(comedy?.consensusAgainstOthers).toBeNull();
  expect(comedy?.metrics).toMatchObject({
    rooms_created: { value: 3 },
    rooms_started: { value: 0 },
    dropout_rate: { value: null, numerator: 0, denominator: 0 },
    time_to_consensus_p50: { value: null, count: 0 },
  });
});

test("by a dimension every metric is asked by it alone", () => {
  expect(Object.values(roomOverviewBy("genre")).map(({ by }) => by)).toEqual(roomMetricNames.map(() => ["genre"]));
});
