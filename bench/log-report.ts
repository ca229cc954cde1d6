import { availableParallelism, cpus } from "node:os";
import type { LogLatencies } from "./log-latency.ts";
import type { Quantiles } from "./quantiles.ts";

/** @returns the measured latencies as Markdown */
export function logTables(latencies: LogLatencies): string {
  const { store, sealed, firstMs, questions, cheap, health, freed, processes, duckdbFillSeconds } = latencies;
  const asked = questions.map(
    ({ name, latency, duckdb, bytes }) =>
      `| ${name} | ${shown(latency)} | ${besideDuckdb(latency, duckdb)} | ${Math.ceil(bytes / 1_024)} |`,
  );
  const beside = [
    `| a question over rollups | ${shown(cheap.alone)} | ${shown(cheap.beside)} |`,
    `| /healthz | ${shown(health.alone)} | ${shown(health.beside)} |`,
  ];
  const left = freed.map(({ name, ms }) => `| ${name} | ${ms === null ? "answered before" : ms.toFixed(0)} |`);
  const memory = processes.map(({ script, peakMiB }) => `| ${script} | ${peakMiB.toFixed(0)} |`);
  const together = processes.reduce((sum, { peakMiB }) => sum + peakMiB, 0);
  const rate = sealed.eventsPerSecond === null ? "sealed before" : `sealed at ${sealed.eventsPerSecond.toFixed(0)} events/s`;
  return [
    `${store.traffic.events} events of 30 days; ${sealed.segments} segments, ${sealed.bytesPerEvent.toFixed(0)} bytes an event, ${rate}; the first question took ${firstMs.toFixed(0)} ms. DuckDB read them into its memory in ${duckdbFillSeconds.toFixed(1)} s.`,
    ["| over HTTP | p50 ms | p99 ms | DuckDB p50 ms | over DuckDB | KiB |", "| --- | ---: | ---: | ---: | ---: | ---: |", ...asked].join(
      "\n",
    ),
    ["| | alone p50 ms | p99 | beside four of the heaviest p50 ms | p99 |", "| --- | ---: | ---: | ---: | ---: |", ...beside].join("\n"),
    ["| the caller leaves after 200 ms | the engine works on for ms |", "| --- | ---: |", ...left].join("\n"),
    ["| process | peak MiB |", "| --- | ---: |", ...memory, `| together | ${together.toFixed(0)} |`].join("\n"),
    `Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} CPUs.`,
  ].join("\n\n");
}

function shown({ p50, p99 }: Quantiles): string {
  return `${p50.toFixed(1)} | ${p99.toFixed(1)}`;
}

function besideDuckdb({ p50 }: Quantiles, duckdb: Quantiles | null): string {
  return duckdb === null ? "no single statement |" : `${duckdb.p50.toFixed(1)} | ${(p50 / duckdb.p50).toFixed(1)}`;
}
