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
  pace.folded(1_500, 100);
  expect(pace.workWithin(400)).toBe(6_000);
  pace.folded(500, 0);
  expect(pace.workWithin(1_000)).toBe(500_000);
});

test("a fold that a disk or a clock made long makes none smaller than the first one, and after it folds still say something", () => {
  const pace = new FoldPace();
  const first = pace.workWithin(500);
  for (const [work, tookMs] of [
    [31, 30_000],
    [31, 3_600_000],
    [130, 700],
  ] as const) {
    pace.folded(work, tookMs);
    expect(pace.workWithin(500)).toBe(first);
  }
  pace.folded(pace.workWithin(500), 50);
  expect(pace.workWithin(500)).toBe(10 * first);
});
