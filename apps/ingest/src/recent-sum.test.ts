import { expect, test } from "vitest";
import { createRecentSum } from "./recent-sum.ts";

test("what was added within the window counts, what came before it counts less and less, and then not at all", () => {
  const sum = createRecentSum(1_000);
  const story = [
    [0, 10, 10],
    [999, 20, 30],
    [1_000, 0, 30],
    [1_500, 0, 15],
    [1_500, 6, 21],
    [1_750, 0, 13.5],
    [2_000, 0, 6],
    [5_000, 0, 0],
    [5_999, 4, 4],
  ] as const;
  for (const [nowMs, amount, over] of story) {
    sum.add(amount, nowMs);
    expect([nowMs, sum.over(nowMs)]).toEqual([nowMs, over]);
  }
});
