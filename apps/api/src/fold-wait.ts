import { apiError } from "./api-problem.ts";
import type { Context } from "./context.ts";

const everyMs = 25;
const patienceMs = 5_000;

/**
 * Waits until what the log held at the call is folded.
 * @returns false when the fold took more than five seconds
 */
export async function waitForFold(
  { progress, clock, sleep }: Pick<Context, "progress" | "clock" | "sleep">,
  signal: AbortSignal,
): Promise<boolean> {
  const headSeq = await progress.headSeq();
  const deadlineMs = clock.nowMs() + patienceMs;
  while ((await progress.readWatermark()).seq < headSeq) {
    if (clock.nowMs() >= deadlineMs) return false;
    await sleep(everyMs, signal);
  }
  return true;
}

/** A call that is never aborted. */
const never = new AbortController().signal;

/**
 * What `fresh=true` asks for.
 * @throws {TRPCError} when the fold takes too long
 */
export async function waitUntilFresh(ctx: Context, signal: AbortSignal = never): Promise<void> {
  if (await waitForFold(ctx, signal)) return;
  throw apiError({ slug: "unavailable", detail: "The newest events are not folded yet. Ask again, or without fresh.", retryAfterS: 1 });
}
