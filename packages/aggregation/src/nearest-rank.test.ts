import { expect, test } from "vitest";
import { nearestRank } from "./nearest-rank.ts";

// The worked example of https://en.wikipedia.org/wiki/Percentile, "The nearest-rank method".
test.each([
  [0.05, 15],
  [0.3, 20],
  [0.4, 20],
  [0.5, 35],
  [1, 50],
])("the %d quantile of 15, 20, 35, 40, 50 is %d", (q, value) => {
  expect(nearestRank([15, 20, 35, 40, 50], q)).toBe(value);
});

test("of no values there is no quantile", () => {
  expect(nearestRank([], 0.5)).toBeNull();
});
