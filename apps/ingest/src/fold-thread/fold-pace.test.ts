import { expect, test } from "vitest";
import { FoldPace } from "./fold-pace.ts";

test("the pace is that of the last fold that says something", () => {
  const pace = new FoldPace();
  const first = pace.workWithin(1_000);
  pace.folded(0, 5_000);
  pace.folded(499, 99);
  expect(pace.workWithin(1_000)).toBe(first);
  pace.folded(4_000, 200);
  expect(pace.workWithin(1_000)).toBe(20_000);
  pace.folded(150, 100);
  expect(pace.workWithin(400)).toBe(600);
  pace.folded(500, 0);
  expect(pace.workWithin(1_000)).toBe(500_000);
});
