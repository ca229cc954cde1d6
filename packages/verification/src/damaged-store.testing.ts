import type { EventStore } from "@trinity/storage/event-store";
import { contentOfStored, contentOfVector, type StateRow, type StateRowKey } from "@trinity/storage/state-row";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { type StoreStep, takeStep } from "./any-store-history.testing.ts";

/** Stores with a history, and damage to them. */

/** Damage to the row at an index, or an invented row. */
type Damage = { readonly kind: "change" | "delete" | "invent"; readonly index: number };
export const anyDamage: fc.Arbitrary<Damage> = fc.record({ kind: fc.constantFrom("change", "delete", "invent"), index: fc.nat() });

/** Damages a store through `commitRepair`, which sets rows to anything. */
export async function damageStore(
  store: Pick<EventStore, "readWatermark" | "commitRepair">,
  rows: readonly StateRow[],
  { kind, index }: Damage,
): Promise<StateRowKey> {
  const { key, content } = rows[index % rows.length] as StateRow;
  const damagedRow = (): StateRow | { readonly key: StateRowKey; readonly content: null } => {
    if (kind === "invent") return inventedRow(index);
    if (key.table === "mark") return { key, content: '{"users":99,"minutesFromMs":0}' };
    if (kind === "delete" || key.table === "index") return { key, content: null };
    return { key, content: key.table === "cell" ? contentOfVector(new Map([[0, 12_345]])) : damagedEntity(content) };
  };
  const { key: damaged, content: derived } = damagedRow();
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs: [{ key: damaged, stored: null, derived }] });
  return damaged;
}

function inventedRow(index: number): StateRow {
  const cell = { table: "cell", set: index % 2 === 0 ? "vote" : "no such set", tier: "hour", bucketMs: 3_600_000, value: "" } as const;
  if (index % 3 === 0) return { key: cell, content: "[[0,1]]" };
  return index % 3 === 1
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
