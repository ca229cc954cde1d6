import TinyQueue from "tinyqueue";
import type { SimulatedMessage } from "./message.ts";

/** Messages of one scenario in the order of delivery; none arrives before `fromMs`. */
export type Deliveries = { readonly fromMs: number; readonly messages: readonly SimulatedMessage[] };

/** Events of one upload arrive together, and lie in it as they happened. */
export function byDelivery(one: SimulatedMessage, other: SimulatedMessage): number {
  const sooner = one.deliverAtMs - other.deliverAtMs;
  if (sooner !== 0) return sooner;
  if (one.kind === "span" || other.kind === "span") return Number(one.kind === "event") - Number(other.kind === "event");
  return one.event.timestamp < other.event.timestamp ? -1 : Number(one.event.timestamp > other.event.timestamp);
}

type Cursor = { readonly number: number; readonly messages: readonly SimulatedMessage[]; next: number; atMs: number };

const sooner = (one: Cursor, other: Cursor) => one.atMs - other.atMs || one.number - other.number;

/**
 * Merges scenarios that overlap into one stream in the order of delivery; only scenarios that have begun are in memory.
 * @param scenarios ordered by `fromMs`; pulled only when the stream has come to their start
 */
export function* mergeByDelivery(scenarios: Iterable<Deliveries>): Generator<SimulatedMessage> {
  const underWay = new TinyQueue<Cursor>([], sooner);
  let number = 0;
  for (const { fromMs, messages } of scenarios) {
    yield* deliverBefore(underWay, fromMs);
    const [first] = messages;
    if (first !== undefined) underWay.push({ number: number++, messages, next: 0, atMs: first.deliverAtMs });
  }
  yield* deliverBefore(underWay, Number.POSITIVE_INFINITY);
}

function* deliverBefore(underWay: TinyQueue<Cursor>, untilMs: number): Generator<SimulatedMessage> {
  for (let cursor = underWay.peek(); cursor !== undefined && cursor.atMs < untilMs; cursor = underWay.peek()) {
    underWay.pop();
    const message = cursor.messages[cursor.next++];
    if (message !== undefined) yield message;
    const following = cursor.messages[cursor.next];
    if (following === undefined) continue;
    cursor.atMs = following.deliverAtMs;
    underWay.push(cursor);
  }
}
