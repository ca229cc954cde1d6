import { setTimeout as after } from "node:timers/promises";

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await after(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
