import type { EventStore } from "@trinity/storage/event-store";
import type { Clock, Pause } from "./clock.ts";
import type { Context } from "./context.ts";
import { refused } from "./refusal.ts";

const everyMs = 25;
const patienceMs = 5_000;

/**
 * Waits until what the log held at the call is folded.
 * @returns false when the fold took more than five seconds
 */
export async function waitForFold(store: EventStore, clock: Clock, pause: Pause, signal: AbortSignal): Promise<boolean> {
  const headSeq = await store.headSeq();
  const deadlineMs = clock.nowMs() + patienceMs;
  while ((await store.readWatermark()).seq < headSeq) {
    if (clock.nowMs() >= deadlineMs) return false;
    await pause(everyMs, signal);
  }
  return true;
}

/** A call that nobody can take back. */
const never = new AbortController().signal;

/**
 * What `fresh=true` asks for.
 * @throws the refusal of the call when the fold takes too long
 */
export async function waitUntilFresh({ store, clock, pause }: Context, signal: AbortSignal = never): Promise<void> {
  if (await waitForFold(store, clock, pause, signal)) return;
  throw refused({ slug: "unavailable", detail: "The newest events are not folded yet. Ask again, or without fresh.", retryAfterS: 1 });
}
