import type { EventStore } from "@trinity/storage/event-store";
import { Counter, Gauge, type Registry } from "prom-client";
import { type CycleOutcome, cycleOutcomes } from "./verifier.ts";

export type VerificationMetrics = {
  countCycle(outcome: CycleOutcome): void;
  /** Updates the store's metrics; they are absent while the store does not answer. */
  refresh(): Promise<void>;
};

/** Prometheus metrics of verification. Repairs and the last cycle are the store's; cycles are those of this process. */
export function createVerificationMetrics(store: Pick<EventStore, "readVerification">, registry: Registry): VerificationMetrics {
  const registers = [registry];
  const buckets = new Gauge({
    name: "trinity_verification_buckets",
    help: "Buckets by status; frozen ones are counted among the others, too.",
    labelNames: ["state"],
    registers,
  });
  const repairs = new Gauge({ name: "trinity_verification_repairs", help: "State rows ever repaired.", registers });
  const unsettled = new Gauge({
    name: "trinity_verification_unsettled",
    help: "State rows that the last cycle could not repair.",
    registers,
  });
  const lastCycle = new Gauge({
    name: "trinity_verification_last_cycle_timestamp_seconds",
    help: "When the last cycle ended.",
    registers,
  });
  const cycles = new Counter({
    name: "trinity_verification_cycles_total",
    help: "Cycles of this process by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of cycleOutcomes) cycles.inc({ outcome }, 0);

  return {
    countCycle: (outcome) => cycles.inc({ outcome }),
    refresh: async () => {
      const summary = await store.readVerification().catch(() => null);
      buckets.reset();
      for (const gauge of [repairs, unsettled, lastCycle]) gauge.remove();
      if (summary === null) return;
      for (const state of ["verified", "pending", "repaired", "frozen"] as const) buckets.set({ state }, summary[state]);
      repairs.set(summary.repairs);
      if (summary.lastCycle === null) return;
      unsettled.set(summary.lastCycle.unresolved);
      lastCycle.set(summary.lastCycle.finishedAtMs / 1_000);
    },
  };
}
