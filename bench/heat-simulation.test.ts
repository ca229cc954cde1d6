import { expect, test } from "vitest";
import { entityShardsNeeded, type HeatSettings, type KeyKind, measuredKinds, simulateHeat } from "./heat-simulation.ts";

const settings: HeatSettings = { seed: 1, eventsPerSecond: 1_000, entityShards: 4, layouts: 50 };
const kindOf = (kind: Partial<KeyKind>): KeyKind => ({
  kind: "one",
  table: "state",
  over: 1,
  units: (rate) => rate,
  sortKeys: "ascending",
  ...kind,
});
const onlyTable = (kind: Partial<KeyKind>, changed: Partial<HeatSettings> = {}) => {
  const [heat] = simulateHeat([kindOf(kind)], { ...settings, ...changed });
  if (heat === undefined) throw new Error("there is one table");
  return heat;
};

test("a key of ascending sort keys stays equally hot after any splits of its partition", () => {
  const { before, after } = onlyTable({}, { eventsPerSecond: 4_000 });
  expect([before, after]).toEqual(Array(2).fill({ hottestMean: 4_000, hottestMax: 4_000, throttled: 0.75 }));
});

test("a key of spread sort keys is split until no partition exceeds its limit", () => {
  const { before, after } = onlyTable({ sortKeys: "spread" }, { eventsPerSecond: 4_000 });
  expect(before.throttled).toBe(0.75);
  expect(after).toEqual({ hottestMean: 1_000, hottestMax: 1_000, throttled: 0 });
});

test("keys that share a partition are separated when it is split", () => {
  const { before, after } = onlyTable({ over: "entity shards" }, { eventsPerSecond: 3_600 });
  expect(before.throttled).toBeGreaterThan(0);
  expect(after.throttled).toBe(0);
  expect(after.hottestMax).toBe(900);
});

test("nothing is throttled while all of a table fits one partition", () => {
  for (const { before } of simulateHeat(measuredKinds, { ...settings, eventsPerSecond: 500 })) expect(before.throttled).toBe(0);
});

test("more shards make the hottest partition cooler", () => {
  const hottest = [2, 8, 32].map(
    (entityShards) => onlyTable({ over: "entity shards" }, { eventsPerSecond: 4_000, entityShards }).before.hottestMean,
  );
  expect(hottest).toEqual([...hottest].sort((a, b) => b - a));
});

test("a rate that fits one partition needs one shard, and a higher rate never needs fewer", () => {
  const needed = [10, 20_000, 200_000].map((eventsPerSecond) => entityShardsNeeded(measuredKinds, { ...settings, eventsPerSecond }));
  expect(needed[0]).toBe(1);
  expect(needed).toEqual([...needed].sort((a, b) => Number(a) - Number(b)));
});

test("if no number of shards is enough, none is named", () => {
  const spread = [kindOf({ over: "entity shards", sortKeys: "spread" })];
  expect(entityShardsNeeded(spread, { ...settings, eventsPerSecond: 600_000, layouts: 1 })).toBe(null);
});

test("the same seed gives the same layout of keys", () => {
  expect(simulateHeat(measuredKinds, settings)).toEqual(simulateHeat(measuredKinds, settings));
});
