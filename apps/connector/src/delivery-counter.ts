import type { DeliveryCounts } from "./record-delivery.ts";

/** Counts for one line of a log, where no metrics page is scraped. */
export type DeliveryCounter = DeliveryCounts & {
  /** @returns what was counted since it was last taken, by name */
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
