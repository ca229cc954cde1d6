import type { StoreConfig } from "@trinity/config/store-config";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { type EventStore, StoreTakenError } from "@trinity/storage/event-store";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import type { VerificationLease } from "@trinity/store-factory/verification-lease";
import { type CycleReport, reconcileFromLog } from "@trinity/verification/verification-cycle";
import { startProgress } from "./progress.ts";
import { isSelected, type Selection } from "./selection.ts";
import { reportOf, textOf } from "./state-report.ts";

export type RebuildSettings = {
  readonly store: StoreConfig;
  readonly json: boolean;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
};

/**
 * Rebuilds the selection from the log, while ingest may run. If it is stopped, the next call continues.
 * @returns the exit code
 * @throws {UnderivableError} when the log no longer has its beginning; nothing was changed
 */
export async function rebuildNumbers({ store: config, json, selection, clock, sleep, signal }: RebuildSettings): Promise<number> {
  const stores = await storesOf(config);
  const lease = await openWhenFree(stores, { clock, sleep, signal });
  const store = stores.openEventStore("readwrite");
  try {
    const report = await rebuild(store, lease, { json, selection, clock, signal });
    const statuses = await store.readVerification();
    const text = `${report.repaired} parts set to what the log adds up to\n${textOf(report, null, statuses)}`;
    process.stdout.write(json ? `${JSON.stringify({ repaired: report.repaired, ...reportOf(report, null, statuses) })}\n` : text);
    return 0;
  } finally {
    await Promise.all([store.close(), lease.close()]);
  }
}

async function rebuild(
  store: EventStore,
  { shadowState, lost }: VerificationLease,
  { json, selection, clock, signal }: Omit<RebuildSettings, "store" | "sleep">,
): Promise<CycleReport> {
  const { seq } = await store.readWatermark();
  const progress = startProgress("rebuild", seq, json);
  const ending = AbortSignal.any([signal, lost]);
  const settings = {
    nowMs: clock.nowMs,
    throttle: async () => ending.throwIfAborted(),
    onProgress: (derivedSeq: number) => progress.update(derivedSeq),
  };
  try {
    return await reconcileFromLog(store, shadowState, settings, (key) => isSelected(key, selection));
  } finally {
    progress.stop();
  }
}

/** Waits while the worker verifies. */
async function openWhenFree(
  stores: Stores,
  { clock, sleep, signal }: Pick<RebuildSettings, "clock" | "sleep" | "signal">,
): Promise<VerificationLease> {
  for (let waited = false; ; waited = true) {
    try {
      return await stores.openVerification(clock, sleep);
    } catch (error) {
      if (!(error instanceof StoreTakenError)) throw error;
      if (!waited) process.stderr.write(`waiting: ${error.message}\n`);
      await sleep(1_000, signal);
    }
  }
}
