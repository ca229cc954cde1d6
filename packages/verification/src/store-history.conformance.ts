import { contentsOf } from "@trinity/storage/store-contents";
import { type OpenStore, usingStore } from "@trinity/storage/store-under-test";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyStoreHistory, takeStep } from "./any-store-history.testing.ts";

/** Compares a store with the reference in memory, through `runs` histories that verification takes part in. */
export function storeHistoryConformance(adapterName: string, open: OpenStore, runs = 100): void {
  describe(`${adapterName} and the store in memory`, () => {
    test(
      "have equal outcomes, logs, entities and cells after any history of appends, folds and verification",
      () =>
        fc.assert(
          fc.asyncProperty(anyStoreHistory, (history) =>
            usingStore(open, async ({ store, reopen }) => {
              const memory = openMemoryStore();
              for (const step of history) expect(await takeStep(store, step)).toEqual(await takeStep(memory, step));
              const expected = await contentsOf(memory);
              expect(await contentsOf(store, 100, 1_000)).toEqual(expected);
              expect(await contentsOf(await reopen(), 100, 1_000)).toEqual(expected);
            }),
          ),
          { numRuns: runs },
        ),
      900_000,
    );
  });
}
