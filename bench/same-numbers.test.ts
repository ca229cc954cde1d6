import { expect, test } from "vitest";
import { differenceOf } from "./same-numbers.ts";

test("equal numbers in any order do not differ, whatever zeros and nulls there are", () => {
  expect(differenceOf([3, 0, 10, null, 3], [10, 3, 3])).toBeNull();
  expect(differenceOf([0], [])).toBeNull();
});

test("the first difference in ascending order is told, also where one side has more", () => {
  expect(differenceOf([10, 2], [2, 9])).toEqual([10, 9]);
  expect(differenceOf([3, 3], [3])).toEqual([3, undefined]);
  expect(differenceOf([], [-1])).toEqual([undefined, -1]);
});
