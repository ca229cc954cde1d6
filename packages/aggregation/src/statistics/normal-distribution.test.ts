import { expect, test } from "vitest";
import { normalDensity, normalQuantile975, twoSidedPValue } from "./normal-distribution.ts";

// Abramowitz and Stegun, table 26.1: 1 - P(1) = 0.158655254, 1 - P(2) = 0.0227501319, Z(0) = 0.3989422804, Z(1) = 0.2419707245.
test("the tail probability and the density are as in the table", () => {
  expect([0, 1, -1, 2].map(twoSidedPValue).map((p) => Number((p / 2).toFixed(9)))).toEqual([0.5, 0.158655254, 0.158655254, 0.022750132]);
  expect([0, 1].map(normalDensity).map((density) => Number(density.toFixed(10)))).toEqual([0.3989422804, 0.2419707245]);
});

test("5 % are beyond the bounds of the 95 % interval", () => {
  expect(twoSidedPValue(normalQuantile975)).toBeCloseTo(0.05, 14);
});

test("a tail probability that is too small for 1 - P is above 0", () => {
  expect(twoSidedPValue(20)).toBeCloseTo(5.507e-89, 91);
  expect(twoSidedPValue(20)).toBeGreaterThan(0);
});
