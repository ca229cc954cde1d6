import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/storage/answer-metric";
import type { EventStore } from "@trinity/storage/event-store";
import { Counter, Gauge, Registry } from "prom-client";
import { readBooks } from "./books.ts";
import type { Clock } from "./clock.ts";

export type ProductMetrics = {
  readonly registry: Registry;
  /** Brings the series up to date; they stay as they are while the store cannot be read. */
  refresh(): Promise<void>;
};

/** One sample of the catalogue: every label has a closed set of values, and none of them names a person, a room or a title. */
type Series = {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly asked: Pick<MetricQuery, "statistic" | "windowDays">;
};

/** The numbers of the catalogue for the present UTC day, as Prometheus names them: `trinity_<metric>`, durations in seconds. */
export function createProductMetrics(store: EventStore, clock: Clock): ProductMetrics {
  const registry = new Registry();
  const gauges = new Map(metricCatalogue.map((metric) => [metric, gaugeOf(metric, registry)]));
  const ingested = new Counter({
    name: "trinity_events_ingested_total",
    help: "Events ever received, by what became of them.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  const readable = new Gauge({ name: "trinity_store_readable", help: "1 while the store answers.", registers: [registry] });
  let shown = "";

  async function refresh(): Promise<void> {
    const nowMs = clock.nowMs();
    const { revision } = await store.readMark();
    const current = `${revision} ${bucketStart("minute", nowMs)}`;
    if (current === shown) return;
    const values = await Promise.all(allSeries.map((series) => valueNow(store, series, nowMs)));
    const books = await readBooks(store, nowMs);
    for (const gauge of gauges.values()) gauge.reset();
    for (const [i, { metric, labels }] of allSeries.entries()) {
      const value = values[i];
      if (typeof value === "number") gauges.get(metric)?.set(labels, value);
    }
    ingested.reset();
    for (const [outcome, count] of [
      ["accepted", books.stored],
      ["duplicate", books.duplicates],
      ["rejected", books.rejected],
    ] as const) {
      ingested.inc({ outcome }, count);
    }
    shown = current;
  }

  return {
    registry,
    refresh: () =>
      refresh().then(
        () => readable.set(1),
        () => readable.set(0),
      ),
  };
}

const allSeries = metricCatalogue.flatMap((metric): readonly Series[] => {
  const asked = { statistic: "mean", windowDays: 1 } as const;
  switch (metric.reading.kind) {
    case "duration":
      return statistics.map((statistic) => ({ metric, labels: { statistic }, asked: { ...asked, statistic } }));
    case "distinct":
      return ([1, 7, 30] as const).map((windowDays) => ({ metric, labels: { window: `${windowDays}d` }, asked: { ...asked, windowDays } }));
    default:
      return [{ metric, labels: {}, asked }];
  }
});

function gaugeOf({ name, definition, reading }: Metric, registry: Registry): Gauge {
  const duration = reading.kind === "duration";
  return new Gauge({
    name: duration ? `trinity_${name}_seconds` : `trinity_${name}`,
    help: `Today (UTC): ${definition}`,
    labelNames: duration ? ["statistic"] : reading.kind === "distinct" ? ["window"] : [],
    registers: [registry],
  });
}

async function valueNow(store: EventStore, { metric, asked }: Series, nowMs: number): Promise<number | null> {
  const fromMs = bucketStart("day", nowMs);
  const query: MetricQuery = {
    metric: metric.name,
    fromMs,
    toMs: fromMs + tierMs.day,
    granularity: "total",
    by: [],
    filters: [],
    timeZone: "UTC",
    ...asked,
  };
  const answer = await answerMetric(store, query, nowMs);
  if ("message" in answer) throw new TypeError(`${metric.name} cannot be asked for: ${answer.message}`);
  const value = answer.totals[0]?.value ?? null;
  return value !== null && metric.unit === "ms" ? value / 1_000 : value;
}
