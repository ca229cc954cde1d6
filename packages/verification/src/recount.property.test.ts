import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { anyWorldAndQuery } from "@trinity/aggregation/world-arbitrary";
import { createSealedWorlds } from "@trinity/columns/sealed-world";
import type { EventStore } from "@trinity/storage/event-store";
import type { StateRow, StateRowKey } from "@trinity/storage/state-row";
import { contentOfVector } from "@trinity/storage/state-row";
import { allRows } from "@trinity/storage/store-contents";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { type Recount, recountMeasure } from "./recount.ts";

vi.setConfig({ testTimeout: 300_000 });

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

type CellRow = StateRow & { readonly key: StateRowKey & { readonly table: "cell" } };

async function cellsOf(store: EventStore): Promise<readonly CellRow[]> {
  return (await allRows(store)).filter((row): row is CellRow => row.key.table === "cell");
}

/** User 77 is in no world: of users only who they are is compared, not how often they act. */
const wrongSums = new Map([
  [0, 12_345],
  [77, 1],
]);

const mistakeKinds = ["other amount", "missing", "other value"] as const;

async function makeMistake(store: EventStore, key: CellRow["key"], kind: (typeof mistakeKinds)[number]): Promise<void> {
  const other = kind === "other value" ? { ...key, value: `${key.value}?` } : key;
  const derived = kind === "missing" ? null : contentOfVector(wrongSums);
  const from = await store.readWatermark();
  await store.commitRepair({ from, repairedAtMs: 0, repairs: [{ key: other, stored: null, derived }] });
}

const anyCase = fc.record({
  world: anyWorldAndQuery.map(({ world }) => world),
  isSealedAfter: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
  measures: fc.subarray([...measures], { minLength: 3, maxLength: 3 }),
  mistake: fc.option(fc.record({ index: fc.nat(), kind: fc.constantFrom(...mistakeKinds) }), { nil: null, freq: 4 }),
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - SQL derives each cell that the fold makes, and finds a mistaken one", async () => {
  let mistakes = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ world, isSealedAfter, measures: some, mistake }) => {
      const { store, columns } = await worlds.open(world.folds, isSealedAfter);
      const all = await cellsOf(store);
      const dayOf = ({ key }: CellRow) => bucketStart("day", key.bucketMs);
      if (all.length === 0) return;
      const firstMs = Math.min(...all.map(dayOf));
      // Two ranges, with a day between that does not count.
      const days = [firstMs, firstMs + tierMs.day, firstMs + 3 * tierMs.day];
      const wanted = new Set(some.flatMap(({ sets }) => sets.map(({ name }) => name)));
      const cells = all.filter((cell) => wanted.has(cell.key.set) && days.includes(dayOf(cell)));
      const wrong = mistake === null ? undefined : cells[mistake.index % cells.length];
      if (mistake !== null && wrong !== undefined) await makeMistake(store, wrong.key, mistake.kind);
      mistakes += wrong === undefined ? 0 : 1;
      const bucket = wrong && { set: wrong.key.set, tier: wrong.key.tier, bucketMs: wrong.key.bucketMs };
      const found = await Promise.all(some.map((measure) => recountMeasure(store, columns, measure, days)));
      expect(found.reduce((sum, one) => sum + (one as Recount).cells, 0)).toBe(cells.length);
      expect(found.flatMap((one) => (one as Recount).differing)).toEqual(bucket === undefined ? [] : [bucket]);
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(mistakes).toBeGreaterThan(20);
});
