import { DamagedDataError, StoreUnavailableError } from "./event-store.ts";

/** A result of a readiness check; see `@trinity/http/health`. */
export type StoreCheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * A readiness check of a store. It reports damage by its reason, and unavailability by its message.
 * @param work rejects when the store cannot do its work
 * @throws whatever else `work` rejects with
 */
export async function storeCheck(work: () => Promise<unknown>): Promise<StoreCheckResult> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    if (error instanceof DamagedDataError) return { ok: false, reason: error.reason };
    if (error instanceof StoreUnavailableError) return { ok: false, reason: error.message };
    throw error;
  }
}
