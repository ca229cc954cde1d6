import { availableParallelism, cpus } from "node:os";
import type { DashboardLatencies, QuestionLatency } from "./dashboard-latency.ts";

/** @returns the measured latencies as Markdown: one table for each way of asking, and the cost of the stores */
export function dashboardTables({ stores, questions }: DashboardLatencies): string {
  const sizes = stores.map(({ traffic }) => sizeName(traffic.events));
  const largest = sizes.at(-1) as string;
  const table = (way: "direct" | "api", title: string) => {
    const head = [
      title,
      ...sizes.map((size) => `${size} p50 / p99 ms`),
      `${largest} / ${sizes[0]}`,
      ...sizes.map((size) => `DuckDB ${size} ms`),
    ];
    const rows = questions.map((question) => [
      question.name,
      ...question[way].map(({ p50, p99 }) => `${p50.toFixed(2)} / ${p99.toFixed(2)}`),
      growth(question, way).toFixed(2),
      ...question.duckdb.map(({ p50 }, i) => `${p50.toFixed(1)} (${(p50 / (question[way][i]?.p50 ?? Number.NaN)).toFixed(0)} x)`),
    ]);
    return markdown([head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows]);
  };
  const files = stores.map(({ traffic, eventsPerSecond, foldedPerSecond, bytesPerEvent }) => [
    sizeName(traffic.events),
    eventsPerSecond.toFixed(0),
    foldedPerSecond.toFixed(0),
    (bytesPerEvent["log.db"] ?? 0).toFixed(0),
    (bytesPerEvent["state.db"] ?? 0).toFixed(0),
  ]);
  return [
    table("api", "over HTTP, 30 days"),
    table("direct", "in process, 30 days"),
    markdown([
      ["events", "filled events/s", "folded events/s", "log B/event", "state B/event"],
      files[0]?.map(() => "---:") ?? [],
      ...files,
    ]),
    `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${availableParallelism()} CPUs.`,
  ].join("\n\n");
}

function growth(question: QuestionLatency, way: "direct" | "api"): number {
  return (question[way].at(-1)?.p50 ?? Number.NaN) / (question[way][0]?.p50 ?? Number.NaN);
}

function sizeName(events: number): string {
  return events >= 1_000_000 ? `${events / 1_000_000} M` : `${events / 1_000} k`;
}

function markdown(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
