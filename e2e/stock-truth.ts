import type { ExportResult } from "@opentelemetry/core";
import type { DataPoint, Histogram, PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";

/** The number of observations and their sum; of single values, the values. */
export type Observed = { readonly count: number; readonly sum: number; readonly values?: readonly number[] };

/** The counts of a service about itself. */
export type StockCount = {
  readonly routes: Readonly<Record<string, { readonly requests: number; readonly errors: number; readonly durationMs: number }>>;
  readonly resources: Readonly<Record<string, Observed>>;
  readonly exports: { readonly succeeded: number; readonly failed: number };
};

type Gauge = { readonly resource: string; readonly per?: number; readonly idle?: string };

const gauges: Readonly<Record<string, Gauge>> = {
  "process.cpu.utilization": { resource: "cpu" },
  "system.cpu.utilization": { resource: "host_cpu", idle: "idle" },
  "system.memory.utilization": { resource: "host_memory", idle: "free" },
  "process.memory.usage": { resource: "memory", per: 1024 * 1024 },
  "nodejs.eventloop.delay.mean": { resource: "event_loop_delay" },
  "nodejs.eventloop.delay.p99": { resource: "event_loop_delay" },
};

/**
 * Keeps the service's own counts: requests and look-ups as it handles them, and the SDK's own measurements as they reach its
 * exporters. Gauges are read anew by each reader, so a second one would see other values.
 */
export class StockTruth {
  readonly #routes = new Map<string, { requests: number; errors: number; durationMs: number }>();
  readonly #values = new Map<string, number[]>();
  readonly #exports = { succeeded: 0, failed: 0 };
  #lookups = { count: 0, sumMs: 0 };
  #collections: Observed = { count: 0, sum: 0 };

  /** @returns how many requests to the route there were, this one included */
  served(route: string): number {
    return ++this.#routeOf(route).requests;
  }

  failed(route: string): void {
    this.#routeOf(route).errors++;
  }

  looked(seconds: number): void {
    this.#lookups = { count: this.#lookups.count + 1, sumMs: this.#lookups.sumMs + Math.round(seconds * 1_000) };
  }

  watchedMetrics(exporter: PushMetricExporter): PushMetricExporter {
    const { export: send } = exporter;
    exporter.export = (batch, done) => {
      this.#read(batch);
      send.call(exporter, batch, this.#noting(done));
    };
    return exporter;
  }

  watchedSpans(exporter: SpanExporter): SpanExporter {
    const { export: send } = exporter;
    exporter.export = (spans, done) => {
      for (const span of spans) this.#addSpan(span);
      send.call(exporter, spans, this.#noting(done));
    };
    return exporter;
  }

  counted(): StockCount {
    const ofGauges = [...this.#values].map(
      ([resource, values]) => [resource, { count: values.length, sum: sumOf(values), values }] as const,
    );
    const store_latency = { count: this.#lookups.count, sum: this.#lookups.sumMs / 1_000 };
    return {
      routes: Object.fromEntries(this.#routes),
      resources: { ...Object.fromEntries(ofGauges), store_latency, gc: this.#collections },
      exports: this.#exports,
    };
  }

  #routeOf(route: string) {
    const known = this.#routes.get(route) ?? { requests: 0, errors: 0, durationMs: 0 };
    this.#routes.set(route, known);
    return known;
  }

  #noting(done: (result: ExportResult) => void): (result: ExportResult) => void {
    return (result) => {
      if (result.code === 0) this.#exports.succeeded++;
      else this.#exports.failed++;
      done(result);
    };
  }

  #addSpan({ kind, attributes, duration }: ReadableSpan): void {
    const [seconds, nanos] = duration;
    // 1 is a server's.
    if (kind === 1)
      this.#routeOf(`${attributes["http.request.method"]} ${attributes["http.route"]}`).durationMs += seconds * 1e3 + nanos / 1e6;
  }

  #read({ scopeMetrics }: ResourceMetrics): void {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap((scope) => scope.metrics)) {
      const gauge = gauges[descriptor.name];
      if (gauge !== undefined) this.#addGauge(gauge, dataPoints as DataPoint<number>[]);
      if (descriptor.name !== "v8js.gc.duration") continue;
      const totals = (dataPoints as DataPoint<Histogram>[]).map(({ value }) => value);
      this.#collections = { count: sumOf(totals.map(({ count }) => count)), sum: sumOf(totals.map(({ sum }) => sum ?? 0)) };
    }
  }

  /** One observation a processor, or one in all: the sum of its states of use. */
  #addGauge({ resource, per = 1, idle }: Gauge, points: readonly DataPoint<number>[]): void {
    const cpuOf = ({ attributes }: DataPoint<number>) => String(attributes["system.cpu.logical_number"]);
    const busy = points.filter(({ attributes, value }) => Number.isFinite(value) && !Object.values(attributes).includes(idle));
    for (const ofOne of Map.groupBy(busy, cpuOf).values()) {
      this.#values.set(resource, [...(this.#values.get(resource) ?? []), sumOf(ofOne.map(({ value }) => value)) / per]);
    }
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
