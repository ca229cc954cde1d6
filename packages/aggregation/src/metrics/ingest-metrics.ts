import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { freshnessMeasure, ingestMeasure, freshnessComponent as wait } from "../measures/chunk-measures.ts";
import type { Metric } from "../metric.ts";

export const ingestMetrics: readonly Metric[] = [
  {
    name: "ingested_events",
    unit: "events",
    definition: "Events received, by what became of them (`outcome`: accepted, duplicate, rejected), by the time of receipt.",
    privacy: "system",
    calculation: count(ingestMeasure, [0]),
  },
  {
    name: "ingest_freshness",
    unit: "ms",
    definition: "Time from receipt of an event until answers held it, by when they did.",
    privacy: "system",
    calculation: distribution(freshnessMeasure, { count: wait.events, sum: wait.waitSumMs, bin0: wait.waitBin0, perUnit: 1 }),
  },
];
