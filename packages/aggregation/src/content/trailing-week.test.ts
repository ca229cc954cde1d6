import { expect, test } from "vitest";
import { trailingWeeks } from "./trailing-week.ts";

const day = (likes: number, votes: number) => ({ likes, votes });

test("each day is the seven that end with it, pooled", () => {
  const smoothed = trailingWeeks([day(7, 7), ...Array.from({ length: 6 }, () => day(0, 7)), day(14, 21)]);
  expect(smoothed.map(({ positive, votesPerDay }) => [positive.numerator, positive.denominator, votesPerDay])).toEqual([
    [7, 49, 7],
    [14, 63, 9],
  ]);
});

test("days without votes are days all the same, and a week without any has no rate", () => {
  expect(trailingWeeks(Array.from({ length: 7 }, () => day(0, 0)))).toEqual([
    { positive: { numerator: 0, denominator: 0, value: null, interval: null }, votesPerDay: 0 },
  ]);
  expect(trailingWeeks(Array.from({ length: 6 }, () => day(1, 1)))).toEqual([]);
});
