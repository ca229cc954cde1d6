import { type Comparison, type Spread, spreadOf } from "./compare.ts";
import type { Contender, Trial } from "./trial.ts";

const columns = [
  "events a request",
  "a session's events in a row",
  "server",
  "events/s",
  "CPU s/1M",
  "p50 ms",
  "p99 ms",
  "peak MiB",
  "bytes/event",
  "at rest",
  "counted after ms",
  "lost",
  "events/s of floor",
  "CPU of floor",
];

/** @returns the comparisons as a Markdown table: medians, with the least and the most in brackets where it matters */
export function markdownOf(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap((comparison) => [rowOf(comparison, "floor"), rowOf(comparison, "ingest")]);
  return [columns, columns.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowOf({ batchEvents, burst, trials, throughputOfFloor, cpuOfFloor }: Comparison, contender: Contender): string[] {
  const runs = trials[contender];
  const median = (read: (trial: Trial) => number) => spreadOf(runs.map(read)).median;
  const isFloor = contender === "floor";
  return [
    `${batchEvents}`,
    `${burst}`,
    contender,
    spread(spreadOf(runs.map(({ eventsPerSecond }) => eventsPerSecond)), 0),
    median(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion).toFixed(1),
    median(({ latencyMsP50 }) => latencyMsP50).toFixed(1),
    median(({ latencyMsP99 }) => latencyMsP99).toFixed(1),
    median(({ peakMiB }) => peakMiB).toFixed(0),
    median(({ bytesPerEvent }) => bytesPerEvent).toFixed(0),
    median(({ bytesPerEventAtRest }) => bytesPerEventAtRest).toFixed(0),
    isFloor ? "-" : median(({ foldedAfterMs }) => foldedAfterMs).toFixed(0),
    `${runs.reduce((sum, { lost }) => sum + lost, 0)}`,
    isFloor ? "1" : spread(throughputOfFloor, 2),
    isFloor ? "1" : spread(cpuOfFloor, 2),
  ];
}

function spread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}
