import type { Clock } from "@trinity/runtime/clock";
import type { EventStore } from "@trinity/storage/event-store";
import { type StoreCheckResult, storeCheck } from "@trinity/storage/store-check";

/** So long a failure counts when nothing is sent that could show its end. */
const failureCountsForMs = 5_000;

export type AppendWatch = Pick<EventStore, "append"> & {
  /** A readiness check: not ok from an append that failed until one succeeds, or none was tried for five seconds. */
  check(): Promise<StoreCheckResult>;
};

/** Remembers how the last append ended: a store may answer every read and still take nothing. */
export function watchAppends(store: Pick<EventStore, "append">, clock: Clock): AppendWatch {
  let failed: { readonly error: unknown; readonly atMs: number } | null = null;
  return {
    async append(batch) {
      try {
        const outcome = await store.append(batch);
        failed = null;
        return outcome;
      } catch (error) {
        failed = { error, atMs: clock.nowMs() };
        throw error;
      }
    },
    async check() {
      if (failed === null || clock.nowMs() - failed.atMs >= failureCountsForMs) return { ok: true };
      const { error } = failed;
      // Damage is named by its reason.
      const named = await storeCheck(() => Promise.reject(error)).catch(() => null);
      return named ?? { ok: false, reason: "the last append failed" };
    },
  };
}
