import type { StoredEvent } from "@trinity/events/event";
import type { EventStamp } from "./entities/earliest.ts";

/** What is kept of an event: its place in the one order that all events have, and a word about it. */
export type Stamped<Label> = EventStamp & { readonly label: Label };

/**
 * Events to be put in order once all are there. In columns, because one question may keep two million of them: as objects that live so long
 * they take the garbage collector four times as long.
 */
export class StampedList<Label> {
  readonly #atMs: number[] = [];
  readonly #eventIds: string[] = [];
  readonly #labels: Label[] = [];

  push({ timestampMs, eventId }: StoredEvent, label: Label): void {
    this.#atMs.push(timestampMs);
    this.#eventIds.push(eventId);
    this.#labels.push(label);
  }

  inOrder(): readonly Stamped<Label>[] {
    const events = this.#atMs.map((atMs, i) => ({ atMs, eventId: this.#eventIds[i] as string, label: this.#labels[i] as Label }));
    return events.sort(byStamp);
  }
}

/** Sorts by time, and where times are equal by id. Never 0: no two events share an id. */
export function byStamp(a: EventStamp, b: EventStamp): number {
  return a.atMs - b.atMs || (a.eventId < b.eventId ? -1 : 1);
}
