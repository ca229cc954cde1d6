import type { Instant } from "./instant.ts";

/** What a funnel needs of an event. */
export type FunnelEvent = {
  readonly atMs: number;
  readonly kind: number;
  /** Orders the events of a lane. */
  readonly order: number;
  /** Which counter gave the order number; null if none did. */
  readonly lane: string | number | null;
};

/**
 * The fields of events that a funnel needs, sorted when all were added. Stored in columns, because one question can add two million events:
 * as long-lived objects they would take the garbage collector four times as long.
 */
export class FunnelEvents {
  readonly #atMs: number[] = [];
  readonly #kinds: number[] = [];
  readonly #orders: number[] = [];
  readonly #lanes: (string | number | null)[] = [];

  push({ atMs, kind, order, lane }: FunnelEvent): void {
    this.#atMs.push(atMs);
    this.#kinds.push(kind);
    this.#orders.push(order);
    this.#lanes.push(lane);
  }

  instants(): readonly Instant[] {
    const places = [...this.#atMs.keys()].sort((a, b) => (this.#atMs[a] as number) - (this.#atMs[b] as number));
    const instants: Instant[] = [];
    for (let start = 0, end = 1; start < places.length; start = end, end += 1) {
      const atMs = this.#atMs[places[start] as number] as number;
      while (end < places.length && this.#atMs[places[end] as number] === atMs) end += 1;
      const ofInstant = places.slice(start, end);
      instants.push({ atMs, kinds: ofInstant.map((place) => this.#kinds[place] as number), lanes: () => this.#lanesOf(ofInstant) });
    }
    return instants;
  }

  #lanesOf(places: readonly number[]): readonly (readonly number[])[] {
    const kindOf = (place: number) => this.#kinds[place] as number;
    const orderOf = (place: number) => this.#orders[place] as number;
    // An event whose order is unknown has a lane of its own.
    const lanes = Map.groupBy(places, (place) => this.#lanes[place] ?? `none ${place}`);
    const ordered = [...lanes.values()].flatMap((lane) => {
      // A counter with a repeated number gives no order.
      if (new Set(lane.map(orderOf)).size < lane.length) return lane.map((place) => [kindOf(place)]);
      return [lane.sort((a, b) => orderOf(a) - orderOf(b)).map(kindOf)];
    });
    // A search that reaches its limit finds the same in whatever order events were added.
    return ordered.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  }
}
