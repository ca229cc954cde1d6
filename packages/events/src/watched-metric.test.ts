import { expect, test } from "vitest";
import { conversionOf, type WatchedMetric, watchedMetric } from "./watched-metric.ts";

const metricOf = { share: "system.cpu.utilization", time: "db.client.operation.duration", memory: "process.memory.usage" };

function converted(quantity: keyof typeof metricOf, value: number, unit: string | undefined): number | undefined {
  const conversion = conversionOf(watchedMetric(metricOf[quantity]) as WatchedMetric, unit);
  return conversion && (value * conversion.times) / conversion.per;
}

test.each([
  ["time", 250, "ms", 0.25],
  ["time", 250, "us", 0.00025],
  ["time", 250, "ns", 0.00000025],
  ["time", 2, "s", 2],
  ["time", 2, "min", 120],
  ["time", 2, "h", 7_200],
  ["time", 2, undefined, 2],
  ["memory", 1_048_576, "By", 1],
  ["memory", 1_048_576, "", 1],
  ["memory", 100, "MBy", 95.367431640625],
  ["memory", 1_024, "KiBy", 1],
  ["memory", 3, "MiBy", 3],
  ["memory", 2, "GiBy", 2_048],
  ["memory", 1_048.576, "kBy", 1],
  ["memory", 8_388_608, "bit", 1],
  ["memory", 8, "Mibit", 1],
  ["memory", 1_048_576, "By{rss}", 1],
  ["share", 50, "%", 0.5],
  ["share", 0.5, "1", 0.5],
  ["share", 0.5, "{cpu}", 0.5],
  ["share", 0.5, undefined, 0.5],
  ["share", 500, "[ppth]", 0.5],
] as const)("%s of %d %s is %d", (quantity, value, unit, ours) => {
  expect(converted(quantity, value, unit)).toBe(ours);
});

test.each([
  ["time", "By"],
  ["time", "seconds"],
  ["time", "1"],
  ["time", "S"],
  ["memory", "s"],
  ["memory", "MB"],
  ["memory", "mBy"],
  ["share", "s"],
  ["share", "percent"],
  ["share", "ms"],
] as const)("%s in %s is not known, rather than taken for the usual unit", (quantity, unit) => {
  expect(converted(quantity, 1, unit)).toBeUndefined();
});
