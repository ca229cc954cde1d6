import { type Comparison, type Spread, sideName, spreadOf } from "./compare.ts";
import type { Trial } from "./trial.ts";

const columns = [
  "events a request",
  "a session's events in a row",
  "server, requests",
  "events/s",
  "CPU s/1M",
  "p50 ms",
  "p99 ms",
  "peak MiB",
  "bytes/event",
  "at rest",
  "counted after ms",
  "lost",
  "events/s of the peer",
  "CPU of the peer",
];

/** @returns the comparisons as a Markdown table: medians, with the least and the most in brackets where it matters */
export function markdownOf(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap((comparison) => [rowOf(comparison, "peer"), rowOf(comparison, "ingest")]);
  return [columns, columns.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowOf(comparison: Comparison, name: "peer" | "ingest"): string[] {
  const { batchEvents, burst, trials, rateOfPeer, cpuOfPeer } = comparison;
  const runs = trials[name];
  const median = (read: (trial: Trial) => number) => spreadOf(runs.map(read)).median;
  return [
    `${batchEvents}`,
    `${burst}`,
    sideName(comparison[name]),
    spread(spreadOf(runs.map(({ eventsPerSecond }) => eventsPerSecond)), 0),
    median(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion).toFixed(1),
    median(({ latencyMsP50 }) => latencyMsP50).toFixed(1),
    median(({ latencyMsP99 }) => latencyMsP99).toFixed(1),
    median(({ peakMiB }) => peakMiB).toFixed(0),
    median(({ bytesPerEvent }) => bytesPerEvent).toFixed(0),
    median(({ bytesPerEventAtRest }) => bytesPerEventAtRest).toFixed(0),
    comparison[name].server === "floor" ? "-" : median(({ foldedAfterMs }) => foldedAfterMs).toFixed(0),
    `${runs.reduce((sum, { lost }) => sum + lost, 0)}`,
    name === "peer" ? "1" : spread(spreadOf(rateOfPeer), 2),
    name === "peer" ? "1" : spread(spreadOf(cpuOfPeer), 2),
  ];
}

function spread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}
