import { Counter, Gauge, Registry } from "prom-client";
import type { Admission, RefusalReason } from "./admission.ts";
import type { Cardinality } from "./cardinality.ts";
import type { Folding } from "./folding.ts";
import type { Outcome } from "./outcome.ts";

export type IngestMetrics = {
  readonly registry: Registry;
  /** Counts what became of the events of one request. */
  countOutcome(outcome: Outcome): void;
  countRefused(reason: RefusalReason): void;
};

/** What is read when the page is asked for. */
export type MetricSources = {
  readonly queuedEvents: () => number;
  readonly committedForMs: () => number;
  readonly cardinality: Pick<Cardinality, "overflowed">;
  readonly folding: Pick<Folding, "lagMs" | "foldedForMs">;
  readonly admission: Pick<Admission, "bytesUnderWay" | "oldestWaitMs">;
};

/** What this process did since it started; the counts over all processes and restarts are the API's `health.ingestion`. */
export function createIngestMetrics({ queuedEvents, committedForMs, cardinality, folding, admission }: MetricSources): IngestMetrics {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const busySeconds = (name: string, help: string, readMs: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(readMs() / 1_000);
      },
    });
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
  const refused = new Counter({
    name: "trinity_ingest_refused_requests_total",
    help: "Requests whose sender must come back, by reason: its share is used up, no room at all, waited too long.",
    labelNames: ["reason"],
    registers,
  });
  gauge("trinity_ingest_queued_events", "Events that wait for their commit.", queuedEvents);
  gauge("trinity_ingest_under_way_bytes", "Bytes of the requests under way.", admission.bytesUnderWay);
  gauge(
    "trinity_ingest_oldest_request_seconds",
    "How long the oldest whole request has waited for its answer.",
    () => admission.oldestWaitMs() / 1_000,
  );
  gauge("trinity_ingest_fold_lag_seconds", "Time since the oldest commit that is not folded yet.", () => folding.lagMs() / 1_000);
  busySeconds("trinity_ingest_commit_seconds_total", "Time in commits; its rate is how busy the writer is.", committedForMs);
  busySeconds("trinity_ingest_fold_seconds_total", "Time in folds; its rate is how busy the fold is.", folding.foldedForMs);
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
    countRefused: (reason) => refused.inc({ reason }),
  };
}
