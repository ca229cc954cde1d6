import type { SimulatedMessage } from "@trinity/simulator/message";
import { livePace, simulate } from "@trinity/simulator/simulate";
import type { EventSender } from "./event-sender.ts";
import { pause } from "./pause.ts";
import { sendMessages } from "./send-simulation.ts";

const turnMs = 1_000;
/** Stories that began a little before have something to tell at once. */
const leadMs = 5 * 60_000;

/** Sends made-up traffic in step with the clock until it is told to stop: each second what would have arrived in it. */
export async function runLiveDemo(sender: EventSender, seed: number, clock: { nowMs(): number }, signal: AbortSignal): Promise<void> {
  const stream = simulate({ seed, fromMs: clock.nowMs() - leadMs, toMs: Number.POSITIVE_INFINITY, scale: 1, roomPace: livePace });
  let next = stream.next();
  while (!signal.aborted) {
    const due: SimulatedMessage[] = [];
    for (; !next.done && next.value.deliverAtMs <= clock.nowMs() && due.length < 900; next = stream.next()) due.push(next.value);
    if (due.length === 0) await pause(turnMs, signal);
    else {
      await sendMessages(due, sender).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}
