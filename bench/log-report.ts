import { availableParallelism, cpus } from "node:os";
import type { LogLatencies } from "./log-latency.ts";
import type { Quantiles } from "./quantiles.ts";

/** @returns the measured latencies as Markdown */
export function logTables({ store, sealed, firstMs, questions, cheap, health }: LogLatencies): string {
  const shown = ({ p50, p99 }: Quantiles) => `${p50.toFixed(1)} | ${p99.toFixed(1)}`;
  const asked = questions.map(({ name, latency, bytes }) => `| ${name} | ${shown(latency)} | ${Math.ceil(bytes / 1_024)} |`);
  const beside = [
    `| a question over rollups | ${shown(cheap.alone)} | ${shown(cheap.beside)} |`,
    `| /healthz | ${shown(health.alone)} | ${shown(health.beside)} |`,
  ];
  const rate = sealed.eventsPerSecond === null ? "sealed before" : `sealed at ${sealed.eventsPerSecond.toFixed(0)} events/s`;
  return [
    `${store.traffic.events} events of 30 days; ${sealed.segments} segments, ${sealed.bytesPerEvent.toFixed(0)} bytes an event, ${rate}; the first question took ${firstMs.toFixed(0)} ms.`,
    ["| over HTTP | p50 ms | p99 ms | KiB |", "| --- | ---: | ---: | ---: |", ...asked].join("\n"),
    ["| | alone p50 ms | p99 | beside four of the heaviest p50 ms | p99 |", "| --- | ---: | ---: | ---: | ---: |", ...beside].join("\n"),
    `Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} CPUs.`,
  ].join("\n\n");
}
