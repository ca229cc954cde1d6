import { Counter, Gauge, Registry } from "prom-client";
import type { Cardinality } from "./cardinality.ts";
import type { Outcome } from "./outcome.ts";

export type IngestMetrics = {
  readonly registry: Registry;
  /** Counts what became of the events of one request. */
  countOutcome(outcome: Outcome): void;
};

/** What this process did since it started; the counts over all processes and restarts are the API's `health.ingestion`. */
export function createIngestMetrics(queuedEvents: () => number, cardinality: Cardinality, foldLagMs: () => number): IngestMetrics {
  const registry = new Registry();
  const registers = [registry];
  const events = new Counter({
    name: "trinity_ingest_events_total",
    help: "Events by what became of them.",
    labelNames: ["outcome"],
    registers,
  });
  const rejected = new Counter({
    name: "trinity_ingest_rejected_events_total",
    help: "Rejected events by reason.",
    labelNames: ["reason"],
    registers,
  });
  const dropped = new Counter({
    name: "trinity_ingest_dropped_properties_total",
    help: "Properties of additive event types that no schema lists.",
    registers,
  });
  new Gauge({
    name: "trinity_ingest_queued_events",
    help: "Events that wait for their commit.",
    registers,
    collect() {
      this.set(queuedEvents());
    },
  });
  new Gauge({
    name: "trinity_ingest_fold_lag_seconds",
    help: "Time since the oldest commit that is not folded yet.",
    registers,
    collect() {
      this.set(foldLagMs() / 1_000);
    },
  });
  new Gauge({
    name: "trinity_ingest_overflowed_values",
    help: "Values that were counted as other, because their dimension has too many.",
    labelNames: ["dimension"],
    registers,
    collect() {
      for (const [dimension, count] of cardinality.overflowed) this.set({ dimension }, count);
    },
  });
  return {
    registry,
    countOutcome(outcome) {
      events.inc({ outcome: "accepted" }, outcome.accepted);
      events.inc({ outcome: "duplicate" }, outcome.duplicates);
      events.inc({ outcome: "rejected" }, outcome.rejected.length);
      for (const { rejection } of outcome.rejected) rejected.inc({ reason: rejection.code });
      if (outcome.droppedProperties > 0) dropped.inc(outcome.droppedProperties);
    },
  };
}
