import type { LogCheck } from "@trinity/verification/log-check";
import { Gauge, type Registry } from "prom-client";

/** Prometheus metrics of the log check. They are absent before the first check, and while the store does not answer. */
export function createLogCheckMetrics(readLogCheck: () => Promise<LogCheck | null>, registry: Registry): { refresh(): Promise<void> } {
  const registers = [registry];
  const damaged = new Gauge({ name: "trinity_log_check_damaged", help: "Known damaged places of the log.", registers });
  const mended = new Gauge({
    name: "trinity_log_check_mended",
    help: "Index rows ever corrected from the chunks.",
    registers,
  });
  const throughSeq = new Gauge({ name: "trinity_log_check_through_chunk", help: "The last chunk that was checked.", registers });
  const lastPass = new Gauge({
    name: "trinity_log_check_last_pass_timestamp_seconds",
    help: "When the end of the log was last reached.",
    registers,
  });
  return {
    refresh: async () => {
      const check = await readLogCheck().catch(() => null);
      for (const gauge of [damaged, mended, throughSeq, lastPass]) gauge.remove();
      if (check === null) return;
      damaged.set(check.damaged.length);
      mended.set(check.mended);
      throughSeq.set(check.throughSeq);
      if (check.passEndedAtMs !== null) lastPass.set(check.passEndedAtMs / 1_000);
    },
  };
}
