import { forEachConcurrently } from "@trinity/runtime/limiter";
import type { EventBody, ServerSpan, SimulatedMessage } from "@trinity/simulator/message";
import { batchesOf } from "./batches.ts";
import type { EventSender } from "./event-sender.ts";

/** Identifies made-up events. */
const demoComponent = "demo";

const batchMessages = 500;
const concurrency = 4;

/**
 * Sends simulated traffic as fast as it is accepted, in the order of delivery except within the batches that are sent at once.
 * @param onSent called for each batch: how many messages, and when its last one would have arrived
 */
export async function sendSimulation(
  messages: Iterable<SimulatedMessage>,
  sender: EventSender,
  onSent: (messages: number, untilMs: number) => void = () => {},
): Promise<void> {
  await forEachConcurrently(batchesOf(messages, { itemsMax: batchMessages }), concurrency, async (batch) => {
    await sendMessages(batch, sender);
    onSent(batch.length, batch.at(-1)?.deliverAtMs ?? 0);
  });
}

/** Sends one batch of simulated traffic, with `source.component` set. */
export async function sendMessages(messages: readonly SimulatedMessage[], sender: EventSender): Promise<void> {
  const events: EventBody[] = [];
  const spans: ServerSpan[] = [];
  for (const message of messages) {
    if (message.kind === "span") spans.push(message.span);
    else events.push({ ...message.event, source: { ...message.event.source, component: demoComponent } });
  }
  if (events.length > 0) await sender.sendEvents(events);
  if (spans.length > 0) await sender.sendSpans(spans);
}
