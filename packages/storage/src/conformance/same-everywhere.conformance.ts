import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openMemoryStore } from "../memory-event-store.ts";
import { anyStoreHistory, takeStep } from "./any-store-history.testing.ts";
import { contentsOf } from "./store-contents.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

/** Compares the store with the one in memory, which is small enough to be seen to be right. */
export function sameEverywhereConformance(open: OpenStore): void {
  describe("Same everywhere", () => {
    test(
      "for any history of appends, folds and verification, outcomes, log, entities and cells equal those of the store in memory",
      () =>
        fc.assert(
          fc.asyncProperty(anyStoreHistory, (history) =>
            usingStore(open, async ({ store, reopen }) => {
              const memory = openMemoryStore();
              for (const step of history) expect(await takeStep(store, step)).toEqual(await takeStep(memory, step));
              expect(await contentsOf(store, 100, 1_000)).toEqual(await contentsOf(memory));
              expect(await contentsOf(await reopen(), 100, 1_000)).toEqual(await contentsOf(memory));
            }),
          ),
          { numRuns: 100 },
        ),
      300_000,
    );
  });
}
