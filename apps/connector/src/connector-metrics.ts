import { skipReasons } from "@trinity/trinity-connector/skip-reason";
import { Counter, Gauge, Registry } from "prom-client";
import type { DeliveryCounts } from "./record-delivery.ts";
import type { ShardEvent } from "./shard-reader.ts";

export type ConnectorMetrics = DeliveryCounts & {
  readonly registry: Registry;
  countShardEvent(event: ShardEvent): void;
  countRetry(state: string): void;
  countLook(outcome: "done" | "failed"): void;
};

/** Counts the work of this process since it started. */
export function createConnectorMetrics(shardsReading: () => number, tablesFollowed: () => number): ConnectorMetrics {
  const registry = new Registry();
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name: `trinity_connector_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const gauge = (name: string, help: string, collect?: () => number) =>
    new Gauge({
      name: `trinity_connector_${name}`,
      help,
      registers: [registry],
      ...(collect === undefined
        ? {}
        : {
            collect() {
              this.set(collect());
            },
          }),
    });

  const records = counter("records_total", "Changes of rows that were dealt with, by table.", ["table"]);
  const skipped = counter("skipped_records_total", "Changes that tell nothing, by reason.", ["reason"]);
  const events = counter("events_total", "Events by what ingest made of them.", ["outcome"]);
  const aside = counter("set_aside_total", "Changes and events that could not be sent, by reason.", ["reason"]);
  const retries = counter("ingest_retries_total", "Attempts that ingest did not take, by why.", ["state"]);
  const trouble = counter("shard_trouble_total", "Interruptions of reading a shard, by kind.", ["kind"]);
  const looks = counter("table_looks_total", "Looks at tables without a stream, by outcome.", ["outcome"]);
  const lag = gauge("behind_seconds", "How old the newest change of a shard was when it was last delivered.");
  gauge("shards_reading", "Shards that this process reads.", shardsReading);
  gauge("tables", "Tables of Trinity's that were found.", tablesFollowed);
  for (const reason of skipReasons) skipped.inc({ reason }, 0);
  for (const outcome of ["accepted", "duplicate", "rejected"]) events.inc({ outcome }, 0);
  for (const kind of ["trimmed", "expired_iterator", "failed"]) trouble.inc({ kind }, 0);

  return {
    registry,
    countRecords: (table, count) => records.inc({ table }, count),
    countSkipped: (reason) => skipped.inc({ reason }),
    countEvents: (outcome, count) => events.inc({ outcome }, count),
    countSetAside: (reason) => aside.inc({ reason }),
    countRetry: (state) => retries.inc({ state }),
    countLook: (outcome) => looks.inc({ outcome }),
    countShardEvent(event) {
      if (event.kind === "read") lag.set(event.behindMs / 1_000);
      else trouble.inc({ kind: event.kind });
    },
  };
}
