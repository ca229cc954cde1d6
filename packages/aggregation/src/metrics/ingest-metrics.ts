import { count } from "../calculations/count.ts";
import { distribution } from "../calculations/distribution.ts";
import { freshnessMeasure, ingestMeasure, freshnessComponent as wait } from "../measures/chunk-measures.ts";
import type { Metric } from "../metric.ts";

export const ingestMetrics: readonly Metric[] = [
  {
    name: "ingested_events",
    unit: "events",
    definition: "Events received, by time of receipt. `outcome` is accepted, duplicate or rejected.",
    privacy: "system",
    calculation: count(ingestMeasure, [0]),
  },
  {
    name: "ingest_freshness",
    unit: "ms",
    definition: "Time from the receipt of an event until answers contained it, by the time at which they first did.",
    privacy: "system",
    calculation: distribution(freshnessMeasure, { count: wait.events, sum: wait.waitSumMs, bin0: wait.waitBin0, perUnit: 1 }),
  },
];
