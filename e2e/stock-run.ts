import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import { createApiClient } from "./api-client.ts";
import { startRealProcesses } from "./real-process.ts";
import type { Observed, StockCount } from "./stock-truth.ts";

export type StockRunSettings = {
  readonly durationMs: number;
  readonly exportIntervalMs: number;
  readonly requestEveryMs: number;
  /** Called now and then with the time that the load has run. */
  readonly onProgress?: (passedMs: number) => void;
};

/** One number: the count of the service and the answer of the product. */
type StockLine = { readonly number: string; readonly counted: number; readonly answered: number; readonly isEqual: boolean };
export type StockReport = { readonly lines: readonly StockLine[]; readonly exports: StockCount["exports"] };

const service = "stock-service";
const mainOfService = new URL("./stock-service.ts", import.meta.url);

/** Runs the stock service beside the product under a steady load, and compares the product's numbers with the service's own counts. */
export async function runStockService({
  durationMs,
  exportIntervalMs,
  requestEveryMs,
  onProgress = () => {},
}: StockRunSettings): Promise<StockReport> {
  const processes = await startRealProcesses();
  try {
    const countFile = join(processes.dataDir, "counted.json");
    const env = {
      PATH: process.env["PATH"],
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: processes.ingestUrl,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${processes.ingestKey}`,
      OTEL_METRIC_EXPORT_INTERVAL: String(exportIntervalMs),
      OTEL_LOGS_EXPORTER: "none",
    };
    const fromMs = Date.now();
    const server = await serverReady(spawnServer({ script: mainOfService, scriptArgs: [countFile], env }));
    await load(server.ready["url"] as string, { durationMs, requestEveryMs, onProgress });
    if ((await stopServer(server)) !== 0) throw new Error("the service did not end by itself");
    const counted = JSON.parse(readFileSync(countFile, "utf8")) as StockCount;
    const range = `from=${new Date(fromMs - 60_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}&granularity=total`;
    return { lines: await compare(createApiClient(processes), counted, range), exports: counted.exports };
  } finally {
    await processes.stop();
    processes.discard();
  }
}

/** Every third request votes. A request without an answer is an error of the run. */
async function load(
  url: string,
  { durationMs, requestEveryMs, onProgress }: Required<Omit<StockRunSettings, "exportIntervalMs">>,
): Promise<void> {
  const startedAtMs = performance.now();
  for (let sent = 0; performance.now() < startedAtMs + durationMs; sent++) {
    onProgress(performance.now() - startedAtMs);
    const isVote = sent % 3 === 0;
    const response = await fetch(`${url}/rooms/${sent}${isVote ? "/votes" : ""}`, { method: isVote ? "POST" : "GET" });
    await response.text();
    await new Promise((resolve) => setTimeout(resolve, requestEveryMs));
  }
}

/** The tolerance of a number: its rounding, and the precision of quantiles. */
const millionth = 1e-6;
const quantileError = 0.005;

async function compare(api: ReturnType<typeof createApiClient>, { routes, resources }: StockCount, range: string): Promise<StockLine[]> {
  const ask = async (metric: string, by: string, statistic = "") => {
    const { totals } = await api.metric(`${metric}?${range}&by=${by}&filter=service:${service}${statistic}`);
    return new Map(totals.map((total) => [total.by[by] as string, total]));
  };
  const [requests, errors, rates, durations] = await Promise.all(
    ["requests", "request_errors", "error_rate", "request_duration"].map((metric) => ask(metric, "route")),
  );
  const [means, p95s] = await Promise.all([ask("resource_usage", "resource"), ask("resource_usage", "resource", "&stat=p95")]);
  const line = (number: string, expected: number, answered: number | null | undefined, within = 0): StockLine => {
    const value = answered ?? Number.NaN;
    return { number, counted: expected, answered: value, isEqual: Math.abs(value - expected) <= within };
  };
  const ofRoutes = Object.entries(routes).flatMap(([route, counted]) => [
    line(`requests of ${route}`, counted.requests, requests?.get(route)?.value),
    line(`request_errors of ${route}`, counted.errors, errors?.get(route)?.value),
    line(`error_rate of ${route}`, counted.errors / counted.requests, rates?.get(route)?.value, millionth),
    line(`request_duration of ${route}, times`, counted.requests, durations?.get(route)?.count),
    // Spans are whole microseconds, rounded down.
    line(`request_duration of ${route}, mean ms`, counted.durationMs / counted.requests, durations?.get(route)?.value, 0.001),
  ]);
  const ofResources = Object.entries(resources).flatMap(([resource, { count, sum, values }]) => [
    line(`resource_usage of ${resource}, observations`, count, means.get(resource)?.count),
    line(`resource_usage of ${resource}, mean`, sum / count, means.get(resource)?.value, millionth),
    ...(values === undefined ? [] : [p95Line(resource, values, p95s.get(resource)?.value)]),
  ]);
  const others = [...means.keys()]
    .filter((resource) => !(resource in resources))
    .map((resource) => line(resource, 0, means.get(resource)?.count));
  return [...ofRoutes, ...ofResources, ...others];

  function p95Line(resource: string, values: NonNullable<Observed["values"]>, answered: number | null | undefined): StockLine {
    const expected = values.toSorted((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] as number;
    return line(`resource_usage of ${resource}, p95`, expected, answered, quantileError * expected + millionth);
  }
}
