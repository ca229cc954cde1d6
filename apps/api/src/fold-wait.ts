import type { EventStore } from "@trinity/storage/event-store";
import type { Clock, Pause } from "./clock.ts";

const everyMs = 25;
const patienceMs = 5_000;

/**
 * Waits until what the log held at the call is folded.
 * @returns false when the fold took more than five seconds
 */
export async function waitForFold(store: EventStore, clock: Clock, pause: Pause, signal: AbortSignal): Promise<boolean> {
  const headSeq = await store.headSeq();
  const deadlineMs = clock.nowMs() + patienceMs;
  while ((await store.readMark()).seq < headSeq) {
    if (clock.nowMs() >= deadlineMs) return false;
    await pause(everyMs, signal);
  }
  return true;
}
