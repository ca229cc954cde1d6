import type { Clock } from "@trinity/runtime/clock";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import type { SimulatedMessage } from "@trinity/simulator/message";
import { liveRate, simulate } from "@trinity/simulator/simulate";
import type { EventSender } from "./event-sender.ts";
import { sendMessages } from "./send-simulation.ts";

const stepMs = 1_000;
/** Scenarios that began a little earlier have messages at once. */
const leadMs = 5 * 60_000;

export type LiveDemoSettings = { readonly seed: number; readonly clock: Clock; readonly sleep: Sleep; readonly signal: AbortSignal };

/** Sends made-up traffic in step with the clock until it is stopped: each second the messages that would have arrived in it. */
export async function runLiveDemo(sender: EventSender, { seed, clock, sleep, signal }: LiveDemoSettings): Promise<void> {
  const stream = simulate({ seed, fromMs: clock.nowMs() - leadMs, toMs: Number.POSITIVE_INFINITY, scale: 1, roomRate: liveRate });
  let next = stream.next();
  while (!signal.aborted) {
    const due: SimulatedMessage[] = [];
    for (; !next.done && next.value.deliverAtMs <= clock.nowMs() && due.length < 900; next = stream.next()) due.push(next.value);
    if (due.length === 0) await sleepUnlessAborted(sleep, stepMs, signal);
    else {
      await sendMessages(due, sender).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
