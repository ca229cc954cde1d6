import type { StoredEvent } from "@trinity/events/event";
import { orderNumberOf } from "@trinity/events/event-order";
import type { EventStamp } from "./entities/earliest.ts";

/** The fields of an event that are kept: those that order all events, and a label. */
export type Stamped<Label> = Required<EventStamp> & { readonly label: Label };

/**
 * A list of events that is sorted when all were added. Stored in columns, because one question can add two million events: as long-lived
 * objects they would take the garbage collector four times as long.
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
