import type { StoredEvent } from "@trinity/events/event";
import { laneOf, orderNumberOf } from "@trinity/events/event-order";
import type { Instant } from "./instant.ts";

/**
 * The fields of events that a funnel needs, sorted when all were added. Stored in columns, because one question can add two million events:
 * as long-lived objects they would take the garbage collector four times as long.
 */
export class FunnelEvents {
  readonly #atMs: number[] = [];
  readonly #kinds: number[] = [];
  readonly #orders: number[] = [];
  readonly #lanes: (string | null)[] = [];

  push(event: StoredEvent, kind: number): void {
    this.#atMs.push(event.timestampMs);
    this.#kinds.push(kind);
    this.#orders.push(orderNumberOf(event));
    this.#lanes.push(laneOf(event));
  }

  instants(): readonly Instant[] {
    const places = [...this.#atMs.keys()].sort((a, b) => (this.#atMs[a] as number) - (this.#atMs[b] as number));
    const instants: Instant[] = [];
    for (let start = 0, end = 1; start < places.length; start = end, end += 1) {
      const atMs = this.#atMs[places[start] as number] as number;
      while (end < places.length && this.#atMs[places[end] as number] === atMs) end += 1;
      instants.push({ atMs, lanes: this.#lanesOf(places.slice(start, end)) });
    }
    return instants;
  }

  #lanesOf(places: readonly number[]): readonly (readonly number[])[] {
    const kindOf = (place: number) => this.#kinds[place] as number;
    if (places.length === 1) return [places.map(kindOf)];
    const orderOf = (place: number) => this.#orders[place] as number;
    // An event whose order is unknown has a lane of its own.
    const lanes = Map.groupBy(places, (place) => this.#lanes[place] ?? place);
    return [...lanes.values()].flatMap((lane) => {
      // A counter with a repeated number gives no order.
      if (new Set(lane.map(orderOf)).size < lane.length) return lane.map((place) => [kindOf(place)]);
      return [lane.sort((a, b) => orderOf(a) - orderOf(b)).map(kindOf)];
    });
  }
}
