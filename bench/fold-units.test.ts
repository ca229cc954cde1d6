import { expect, test } from "vitest";
import { foldUnits } from "./fold-units.ts";

test("the more events a fold has, the fewer units each of them costs", async () => {
  const few = await foldUnits({ seed: 1, eventsPerSecond: 4, foldsPerSecond: 2 });
  const many = await foldUnits({ seed: 1, eventsPerSecond: 40, foldsPerSecond: 2 });
  for (const part of ["deltas", "entities", "cells"] as const) expect(many[part]).toBeLessThan(few[part]);
  expect(many.deltaBytes).toBeGreaterThan(few.deltaBytes);
  expect(many.pagesACompaction).toBeGreaterThan(few.pagesACompaction);
});
