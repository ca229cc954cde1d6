import type { StoreConfig } from "@trinity/config/store-config";
import type { DerivedState } from "@trinity/storage/shadow-state";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import { verifyStore } from "@trinity/verification/verify-store";
import { startProgress } from "./progress.ts";
import { reportOf, textOf } from "./state-report.ts";

export type VerifySettings = { readonly store: StoreConfig; readonly json: boolean; readonly signal: AbortSignal };

/**
 * Derives the complete state anew from the log, in temporary files in the data folder, and compares. Ingest may be running.
 * @returns the exit code: 1 when anything differs
 */
export async function verifyNumbers({ store: config, json, signal }: VerifySettings): Promise<number> {
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
      progress.stop();
      const statuses = await store.readVerification();
      process.stdout.write(json ? `${JSON.stringify(reportOf(verification, statuses))}\n` : textOf(verification, statuses));
      return verification.differing > 0 ? 1 : 0;
    } finally {
      progress.stop();
    }
  } finally {
    await store.close();
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
