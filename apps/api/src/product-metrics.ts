import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { DimensionName } from "@trinity/aggregation/dimension";
import type { Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { answerMetric } from "@trinity/query/answer-metric";
import type { EventStore } from "@trinity/storage/event-store";
import { Counter, Gauge, Registry } from "prom-client";
import type { Clock } from "./clock.ts";
import { readIngestCounts } from "./ingest-counts.ts";

export type ProductMetrics = {
  readonly registry: Registry;
  /** Brings the series up to date; they stay as they are while the store cannot be read. */
  refresh(): Promise<void>;
};

/** One sample of the catalogue: every label has a closed set of values, and none of them names a person, a room or a title. */
type Series = {
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly asked: Pick<MetricQuery, "statistic" | "windowDays" | "by">;
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
    const { revision } = await store.readWatermark();
    const current = `${revision} ${bucketStart("minute", nowMs)}`;
    if (current === shown) return;
    const values = await Promise.all(allSeries.map((series) => valuesNow(store, series, nowMs)));
    const ingestCounts = await readIngestCounts(store, nowMs);
    for (const gauge of gauges.values()) clear(gauge);
    for (const [i, { metric, labels }] of allSeries.entries()) {
      for (const { by, value } of values[i] ?? []) gauges.get(metric)?.set({ ...labels, ...by }, value);
    }
    ingested.reset();
    for (const [outcome, count] of [
      ["accepted", ingestCounts.stored],
      ["duplicate", ingestCounts.duplicates],
      ["rejected", ingestCounts.rejected],
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
  const asked = { statistic: "mean", windowDays: 1, by: [] } as const;
  switch (metric.calculation.parameter) {
    case "statistic":
      return statistics.map((statistic) => ({ metric, labels: { statistic }, asked: { ...asked, by: byOf(metric), statistic } }));
    case "windowDays":
      return ([1, 7, 30] as const).map((windowDays) => ({ metric, labels: { window: `${windowDays}d` }, asked: { ...asked, windowDays } }));
    default:
      return [{ metric, labels: {}, asked }];
  }
});

/** What has no sense as one number is told apart by what it is of: a closed set of values. */
function byOf(metric: Metric): readonly DimensionName[] {
  return metric.calculation.parameter === "statistic" && metric.unit !== "ms" ? ["resource"] : [];
}

const labelsOf = { statistic: ["statistic"], windowDays: ["window"], none: [] } as const;

function gaugeOf(metric: Metric, registry: Registry): Gauge {
  const { name, definition, calculation, unit } = metric;
  const ofParameter = labelsOf[calculation.parameter ?? "none"];
  const gauge = new Gauge({
    name: unit === "ms" ? `trinity_${name}_seconds` : `trinity_${name}`,
    help: `Today (UTC): ${definition}`,
    labelNames: [...ofParameter, ...byOf(metric)],
    registers: [registry],
  });
  clear(gauge);
  return gauge;
}

/** Leaves a gauge without a sample: one without labels is reset to 0, which would be an answer. */
function clear(gauge: Gauge): void {
  gauge.reset();
  gauge.remove({});
}

/** @returns one value a line; none where there is nothing to divide by */
async function valuesNow(store: EventStore, { metric, asked }: Series, nowMs: number) {
  const fromMs = bucketStart("day", nowMs);
  const query: MetricQuery = {
    metric: metric.name,
    fromMs,
    toMs: fromMs + tierMs.day,
    granularity: "total",
    filters: [],
    timeZone: "UTC",
    ...asked,
  };
  const answer = await answerMetric(store, query, nowMs);
  if ("message" in answer) throw new TypeError(`${metric.name} cannot be asked for: ${answer.message}`);
  return answer.totals.flatMap(({ by, value }) => (value === null ? [] : [{ by, value: metric.unit === "ms" ? value / 1_000 : value }]));
}
