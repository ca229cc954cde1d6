import type { CapacityReport } from "./capacity.ts";

const units = (value: number) => value.toFixed(3);

/** @returns units an event by part, in Markdown */
export function capacityTable({ settings, byPart, total, rowByRow }: CapacityReport): string {
  const { events, batchEvents, eventsPerSecond } = settings;
  const parts = Object.entries(byPart).sort(([, a], [, b]) => b.writeUnits - a.writeUnits);
  const rows = Object.entries(rowByRow.byPart).map(([part, value]) => `${part} ${units(value)}`);
  return [
    `${events} events, ${batchEvents} a commit, ${eventsPerSecond} a second: units an event`,
    "",
    "| part | write | read |",
    "|---|---:|---:|",
    ...parts.map(([part, use]) => `| ${part} | ${units(use.writeUnits)} | ${units(use.readUnits)} |`),
    `| **all** | **${units(total.writeUnits)}** | **${units(total.readUnits)}** |`,
    "",
    `row by row, computed: ${units(rowByRow.writeUnits)} (${rows.join(", ")})`,
  ].join("\n");
}
