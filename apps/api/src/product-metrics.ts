import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { DimensionName } from "@trinity/aggregation/dimension";
import type { Metric } from "@trinity/aggregation/metric";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import type { Query, QueryCaller } from "@trinity/query/query";
import type { DataOf } from "@trinity/query/questions";
import type { Clock } from "@trinity/runtime/clock";
import { Counter, Gauge, Registry } from "prom-client";
import type { StoreProgress } from "./context.ts";

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

/**
 * The numbers of the catalogue for the present UTC day, as Prometheus names them: `trinity_<metric>`, durations in seconds.
 * @param progress says whether anything changed since the last refresh
 */
export function createProductMetrics(query: Query, progress: StoreProgress, clock: Clock): ProductMetrics {
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
    const { revision } = await progress.readWatermark();
    const current = `${revision} ${bucketStart("minute", nowMs)}`;
    if (current === shown) return;
    // One question, so that all of the page is of one moment.
    const answers = await answersTo([...allSeries.map((series) => queryOf(series, nowMs)), receipts], query, nowMs);
    const received = new Map(answers.at(-1)?.totals.map(({ by, value }) => [by["outcome"], value ?? 0]));
    for (const gauge of gauges.values()) clear(gauge);
    for (const [i, { metric, labels }] of allSeries.entries()) {
      for (const { by, value } of answers[i]?.totals ?? []) {
        // Nothing to divide by.
        if (value !== null) gauges.get(metric)?.set({ ...labels, ...by }, metric.unit === "ms" ? value / 1_000 : value);
      }
    }
    ingested.reset();
    for (const outcome of ["accepted", "duplicate", "rejected"]) ingested.inc({ outcome }, received.get(outcome) ?? 0);
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

const metricsPage: QueryCaller = { process: "metrics-page" };

async function answersTo(queries: readonly MetricQuery[], query: Query, nowMs: number): Promise<DataOf<"metrics">> {
  const result = await query.answer({ kind: "metrics", queries }, metricsPage, nowMs);
  if (!result.ok) throw new TypeError(`the numbers of the page cannot be asked for: ${JSON.stringify(result.error)}`);
  return result.value.data;
}

/** Every receipt there is. */
const receipts: MetricQuery = {
  metric: "ingested_events",
  fromMs: 0,
  toMs: 100_000 * tierMs.day,
  granularity: "total",
  by: ["outcome"],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
};

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

/** @returns the question about all of today, UTC */
function queryOf({ metric, asked: one }: Series, nowMs: number): MetricQuery {
  const fromMs = bucketStart("day", nowMs);
  return { metric: metric.name, fromMs, toMs: fromMs + tierMs.day, granularity: "total", filters: [], timeZone: "UTC", ...one };
}
