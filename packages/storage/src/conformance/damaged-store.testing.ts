import fc from "fast-check";
import type { EventStore } from "../event-store.ts";
import { openMemoryStore } from "../memory-event-store.ts";
import { contentOfStored, contentOfVector, type StateRow, type StateRowKey } from "../state-row.ts";
import { type StoreStep, takeStep } from "./any-store-history.testing.ts";
import { batchOf, newEvent, noonMs } from "./store-examples.testing.ts";

/** Stores with a history, and damage done to them from outside. */

/** Something done to a store from outside: to the part at this place among all, or to none that was there. */
type Damage = { readonly kind: "change" | "delete" | "invent"; readonly place: number };
export const anyDamage: fc.Arbitrary<Damage> = fc.record({ kind: fc.constantFrom("change", "delete", "invent"), place: fc.nat() });

/** Does damage with the means of the store itself: it sets what it is told to. */
export async function damage(
  store: Pick<EventStore, "readWatermark" | "commitRepair">,
  parts: readonly StateRow[],
  { kind, place }: Damage,
): Promise<StateRowKey> {
  const { key, content } = parts[place % parts.length] as StateRow;
  const wanted = (): StateRow | { readonly key: StateRowKey; readonly content: null } => {
    if (kind === "invent") return inventedRow(place);
    if (key.table === "mark") return { key, content: '{"users":99,"minutesFromMs":0}' };
    if (kind === "delete" || key.table === "index") return { key, content: null };
    return { key, content: key.table === "cell" ? contentOfVector(new Map([[0, 12_345]])) : damagedEntity(content) };
  };
  const { key: damaged, content: derived } = wanted();
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs: [{ key: damaged, stored: null, derived }] });
  return damaged;
}

function inventedRow(place: number): StateRow {
  const cell = { table: "cell", set: place % 2 === 0 ? "vote" : "no such set", tier: "hour", bucketMs: 3_600_000, value: "" } as const;
  if (place % 3 === 0) return { key: cell, content: "[[0,1]]" };
  return place % 3 === 1
    ? { key: { table: "index", kind: "user", key: "nobody", seq: 1 }, content: "" }
    : { key: { table: "entity", kind: "title", key: "movie:0" }, content: '{"dimensions":{}}' };
}

function damagedEntity(content: string): string {
  return contentOfStored({ ...JSON.parse(content), damaged: true });
}

export async function storeAfter(history: readonly StoreStep[]): Promise<EventStore> {
  const store = openMemoryStore();
  for (const step of history) await takeStep(store, step);
  return store;
}

export const fewEvents: StoreStep = appending("few");
export const foldThem: StoreStep = { kind: "fold", foldedAtMs: noonMs, eventsMax: 1_000 };

export function appending(name: string): StoreStep {
  const user = (i: number) => ({ userId: `user-${i}` }) as Parameters<typeof newEvent>[1];
  return { kind: "append", batch: batchOf([1, 2, 3].map((i) => newEvent(`${name}-${i}`, user(i)))) };
}
