import { openLogColumns } from "@trinity/columns/log-columns";
import { openSegmentBucket } from "@trinity/columns/segment-bucket";
import type { StoreConfig } from "@trinity/config/store-config";
import type { Clock } from "@trinity/runtime/clock";
import type { EventStore } from "@trinity/storage/event-store";
import type { DerivedState } from "@trinity/storage/shadow-state";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import type { Recount } from "@trinity/verification/recount";
import { Recounting } from "@trinity/verification/recounting";
import type { Throttle } from "@trinity/verification/replay";
import { verifyStore } from "@trinity/verification/verify-store";
import { startProgress } from "./progress.ts";
import { reportOf, textOf } from "./state-report.ts";

export type VerifySettings = { readonly store: StoreConfig; readonly json: boolean; readonly clock: Clock; readonly signal: AbortSignal };

/**
 * Derives the complete state anew from the log, in temporary files in the data folder, and compares; then the cells once more, by SQL over
 * the columns of the log. Ingest may be running.
 * @returns the exit code: 1 when anything differs
 */
export async function verifyNumbers({ store: config, json, clock, signal }: VerifySettings): Promise<number> {
  const stores = await storesOf(config);
  const store = stores.openEventStore("readonly");
  try {
    const { seq } = await store.readWatermark();
    const progress = startProgress("verify", seq, json);
    try {
      const verification = await withThrowawayState(stores, (derived) =>
        verifyStore(store, {
          derived,
          throttle: async () => signal.throwIfAborted(),
          onProgress: (derivedSeq) => progress.update(derivedSeq),
        }),
      );
      const bySql = await recountAll(store, stores, clock.nowMs(), async () => signal.throwIfAborted());
      progress.stop();
      const statuses = await store.readVerification();
      process.stdout.write(json ? `${JSON.stringify(reportOf(verification, bySql, statuses))}\n` : textOf(verification, bySql, statuses));
      return verification.differing > 0 || (bySql?.differing.length ?? 0) > 0 ? 1 : 0;
    } finally {
      progress.stop();
    }
  } finally {
    await store.close();
  }
}

/** @returns null where the log is not kept as columns, or they cannot be read: stderr says why */
async function recountAll(
  store: EventStore,
  { segmentsDir, segmentBucket }: Stores,
  nowMs: number,
  throttle: Throttle,
): Promise<Recount | null> {
  if (segmentsDir === null) return null;
  const onTrouble = (reason: string) => void process.stderr.write(`SQL could not derive the cells: ${reason}\n`);
  const bucket = segmentBucket && openSegmentBucket(segmentBucket);
  // What was pulled before is still of use.
  await bucket?.pull(segmentsDir, nowMs).catch((error: Error) => onTrouble(error.message));
  bucket?.close();
  const columns = openLogColumns({ store, segmentsDir });
  try {
    const days = [...(await columns.days()), ...(await store.readPendingDays())];
    return await new Recounting(columns, onTrouble).again(store, throttle, days);
  } finally {
    columns.close();
  }
}

async function withThrowawayState<Result>(stores: Stores, use: (derived: DerivedState) => Promise<Result>): Promise<Result> {
  const { derived, discard } = stores.openThrowawayState();
  try {
    return await use(derived);
  } finally {
    await discard();
  }
}
