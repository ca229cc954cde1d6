import { expect, test } from "vitest";
import { spreadOf } from "./compare.ts";

test("the median of an even number of runs is between the two in the middle", () => {
  expect(spreadOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
});

test("a single run is its own median", () => {
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
});
