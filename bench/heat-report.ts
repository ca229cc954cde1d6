import type { HeatSettings, TableHeat } from "./heat-simulation.ts";
import { partitionUnits } from "./partition-heat.ts";

const columns = [
  "events/s",
  "table",
  "units/s",
  "partitions",
  "hottest key",
  "its units/s",
  "hottest partition, mean (most)",
  "throttled",
  "hottest after splitting",
  "throttled then",
];

export type RateHeat = { readonly settings: HeatSettings; readonly tables: readonly TableHeat[]; readonly shardsNeeded: number | null };

/** @returns the hottest table of each rate, tables with a partition above a tenth of its limit, and the shards needed, in Markdown */
export function heatTable(rates: readonly RateHeat[]): string {
  const rows = rates.flatMap(({ settings, tables }) =>
    tables
      .filter(({ before }, i) => i === 0 || before.hottestMax >= partitionUnits / 10)
      .map((heat) => [`${settings.eventsPerSecond}`, ...cellsOf(heat)]),
  );
  const shards = rates.map(({ settings, shardsNeeded }) => [`${settings.eventsPerSecond}`, `${shardsNeeded ?? "none is enough"}`]);
  return [tableOf(columns, rows), "", tableOf(["events/s", "entity shards needed"], shards)].join("\n");
}

function cellsOf({ table, units, partitions, hottestKey, before, after }: TableHeat): readonly string[] {
  return [
    table,
    units.toFixed(0),
    `${partitions}`,
    hottestKey.kind,
    hottestKey.units.toFixed(0),
    `${before.hottestMean.toFixed(0)} (${before.hottestMax.toFixed(0)})`,
    percent(before.throttled),
    after.hottestMean.toFixed(0),
    percent(after.throttled),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
