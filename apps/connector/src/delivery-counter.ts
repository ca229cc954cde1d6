import type { DeliveryCounts } from "./record-delivery.ts";

/** Counts for a line of the log, because a Lambda has no metrics page. */
export type DeliveryCounter = DeliveryCounts & {
  /** @returns the counts since the last call, by name */
  take(): Readonly<Record<string, number>>;
};

export function createDeliveryCounter(): DeliveryCounter {
  let counts = new Map<string, number>();
  const add = (name: string, count = 1) => void (count > 0 && counts.set(name, (counts.get(name) ?? 0) + count));
  return {
    countRecords: (_table, count) => add("records", count),
    countSkipped: (reason) => add(`skipped_${reason}`),
    countEvents: (outcome, count) => add(outcome, count),
    countSetAside: (reason) => add(`set_aside_${reason}`),
    take() {
      const taken = Object.fromEntries(counts);
      counts = new Map();
      return taken;
    },
  };
}
