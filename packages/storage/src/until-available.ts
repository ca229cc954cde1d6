import { StoreUnavailableError } from "./event-store.ts";

const everyMs = 1_000;

/** Retries while the store is unavailable. */
export async function untilAvailable<Result>(work: () => Promise<Result>, pause: (ms: number) => Promise<unknown>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await pause(everyMs);
    }
  }
}
