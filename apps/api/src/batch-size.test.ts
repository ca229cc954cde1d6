import type { TRPCError } from "@trpc/server";
import { expect, test } from "vitest";
import { apiProblemOf } from "./api-problem.ts";
import { addToBatch } from "./batch-size.ts";

const ofValues = (count: number) => Array(count - 1).fill(0);

/** @returns which of the answers to one request are refused, by place */
function refused(...counts: readonly number[]): readonly number[] {
  const request = { caller: "a" };
  return counts.flatMap((count, place) => {
    try {
      addToBatch(request, ofValues(count));
      return [];
    } catch (error) {
      expect(apiProblemOf(error as TRPCError)).toMatchObject({
        slug: "unprocessable",
        detail: expect.stringContaining("request of its own"),
      });
      return [place];
    }
  });
}

test("the answers to a batch are refused from where they are too large together", () => {
  expect(refused(200_000, 200_000, 100_000)).toEqual([]);
  expect(refused(200_000, 200_000, 100_001)).toEqual([2]);
});

test("the first answer is never refused, nor are small ones, also behind a large one", () => {
  expect(refused(900_000)).toEqual([]);
  expect(refused(900_000, ...Array(99).fill(5_000))).toEqual([]);
  expect(refused(900_000, 5_001, 10)).toEqual([1]);
});

test("an answer that is refused takes no room from those after it", () => {
  expect(refused(300_000, 300_000, 200_000)).toEqual([1]);
});
