import fc from "fast-check";
import { expect, test } from "vitest";
import { FoldedWorld } from "./folded-world.testing.ts";
import { measureOfSet } from "./measure-catalogue.ts";
import { anyWorld } from "./world-arbitrary.testing.ts";

test("only cells of signed measures have negative amounts, and components of users are numbers of users", () => {
  fc.assert(
    fc.property(anyWorld, ({ folds }) => {
      const world = new FoldedWorld();
      for (const { chunks, foldedAtMs } of folds) world.fold(chunks, foldedAtMs);
      for (const { set, vector } of world.cells.values()) {
        const measure = measureOfSet(set);
        if (measure?.signed === false) expect([...vector.values()].filter((amount) => amount < 0)).toEqual([]);
        if (measure?.components === "users") expect([...vector.keys()].filter((user) => user >= world.watermark.users)).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});

test("a dimension set that no longer exists has no measure", () => {
  expect(measureOfSet("vote/genre")?.name).toBe("vote");
  expect(measureOfSet("retired/genre")).toBeUndefined();
});
