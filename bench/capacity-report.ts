import type { CapacityReport } from "./capacity.ts";
import type { KeyHeat } from "./partition-heat.ts";

const units = (value: number) => value.toFixed(3);

/** @returns units an event by capacity tag, in Markdown */
export function capacityTable({ settings, byTag, total, heat, rowByRow }: CapacityReport): string {
  const { events, batchEvents, eventsPerSecond } = settings;
  const tags = Object.entries(byTag).sort(([, a], [, b]) => b.writeUnits - a.writeUnits);
  const rows = Object.entries(rowByRow.byTag).map(([tag, value]) => `${tag} ${units(value)}`);
  return [
    `${events} events, ${batchEvents} a commit, ${eventsPerSecond} a second: units an event`,
    "",
    "| part | write | read |",
    "|---|---:|---:|",
    ...tags.map(([tag, use]) => `| ${tag} | ${units(use.writeUnits)} | ${units(use.readUnits)} |`),
    `| **all** | **${units(total.writeUnits)}** | **${units(total.readUnits)}** |`,
    "",
    "| items | table | partition keys | items an event | bytes, mean | bytes, most | units a second of the hottest key | events a second it stands |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
    ...[...heat].sort((a, b) => a.eventsPerSecondMax - b.eventsPerSecondMax).map((kind) => heatRow(kind, events)),
    "",
    `row by row, computed: ${units(rowByRow.writeUnits)} (${rows.join(", ")})`,
  ].join("\n");
}

function heatRow({ kind, table, keys, items, bytesMean, bytesMax, hottestUnits, eventsPerSecondMax }: KeyHeat, events: number): string {
  const cells = [kind, table, keys, (items / events).toFixed(4), Math.round(bytesMean), bytesMax, hottestUnits.toFixed(1)];
  return `| ${[...cells, Math.round(eventsPerSecondMax)].join(" | ")} |`;
}
