import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("the longest wait doubles with every failure, up to twenty seconds", () => {
  expect([0, 1, 2, 6, 7, 1_000].map((attempt) => backoffMs(attempt, () => 1))).toEqual([200, 400, 800, 12_800, 20_000, 20_000]);
});

test("a wait is any part of the longest one", () => {
  expect([0, 0.25, 0.5].map((chance) => backoffMs(1, () => chance))).toEqual([0, 100, 200]);
});
