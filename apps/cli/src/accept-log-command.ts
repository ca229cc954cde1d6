import type { StoreConfig } from "@trinity/config/store-config";
import type { Clock } from "@trinity/runtime/clock";
import { foldNext } from "@trinity/storage/fold-log";
import { storesOf } from "@trinity/store-factory/stores";
import { startProgress } from "./progress.ts";
import { verifyNumbers } from "./verify-command.ts";

export type AcceptLogSettings = {
  readonly store: StoreConfig;
  readonly json: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/**
 * Accepts the existing log although other files contradict it: sets those files and the derived state aside, folds everything anew
 * and verifies it. If it is stopped while it folds, ingest continues the fold at its next start.
 * @returns the exit code
 * @throws {StoreUnavailableError} while ingest or a verifier runs
 * @throws {DamagedDataError} when the log cannot be read from its beginning; nothing was changed
 */
export async function rebuildFromLog({ store: config, json, clock, signal }: AcceptLogSettings): Promise<number> {
  const stores = await storesOf(config);
  const { setAsideIn, commits } = stores.acceptLog(clock.nowMs());
  if (!json) process.stdout.write(`the log has ${commits} commits; the other files are now in ${setAsideIn}\n`);
  const store = stores.openEventStore("readwrite");
  const progress = startProgress("fold", commits, json);
  try {
    for (let seq = 0, folded = -1; folded !== 0; seq += folded) {
      signal.throwIfAborted();
      folded = await foldNext(store, clock.nowMs());
      progress.update(seq + folded);
    }
  } finally {
    progress.stop();
    await store.close();
  }
  return verifyNumbers({ store: config, json, clock, signal });
}
