import type { StoredEvent } from "@trinity/events/event";
import { orderNumberOf } from "@trinity/events/event-order";
import type { EventStamp } from "./entities/earliest.ts";

/** What is kept of an event: its place in the one order that all events have, and a word about it. */
export type Stamped<Label> = Required<EventStamp> & { readonly label: Label };

/**
 * Events to be put in order once all are there. In columns, because one question may keep two million of them: as objects that live so long
 * they take the garbage collector four times as long.
 */
export class StampedList<Label> {
  readonly #atMs: number[] = [];
  readonly #orders: number[] = [];
  readonly #eventIds: string[] = [];
  readonly #labels: Label[] = [];

  push(event: StoredEvent, label: Label): void {
    this.#atMs.push(event.timestampMs);
    this.#orders.push(orderNumberOf(event));
    this.#eventIds.push(event.eventId);
    this.#labels.push(label);
  }

  inOrder(): readonly Stamped<Label>[] {
    const events = this.#atMs.map((atMs, i) => ({
      atMs,
      order: this.#orders[i] as number,
      eventId: this.#eventIds[i] as string,
      label: this.#labels[i] as Label,
    }));
    return events.sort(byStamp);
  }
}

/** By time, then order number, then id. Never 0: no two events share an id. */
function byStamp<Label>(a: Stamped<Label>, b: Stamped<Label>): number {
  return a.atMs - b.atMs || a.order - b.order || (a.eventId < b.eventId ? -1 : 1);
}
