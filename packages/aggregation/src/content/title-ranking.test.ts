import { expect, test } from "vitest";
import { rankTitles, type TitleNumbers, type TitleSort, titleSorts } from "./title-ranking.ts";

const title = (contentId: string, likes: number, votes: number, rest: Partial<TitleNumbers> = {}): TitleNumbers => ({
  contentId,
  positive: { value: votes === 0 ? null : likes / votes, numerator: likes, denominator: votes },
  views: 0,
  matches: 0,
  matchingPower: { value: null, numerator: 0, denominator: 0 },
  ...rest,
});

const titles = [
  title("movie:1", 2, 2),
  title("movie:2", 70, 100, { views: 5, matchingPower: { value: 0.1, numerator: 1, denominator: 10 } }),
  title("movie:3", 30, 100, { views: 9, matches: 4, matchingPower: { value: 0.4, numerator: 4, denominator: 10 } }),
  title("movie:4", 60, 180),
  ...Array.from({ length: 20 }, (_, i) => title(`tv:${i}`, 20 + i, 90)),
];

test.each<[TitleSort, string]>([
  ["shrunken", "movie:2"],
  ["rate", "movie:1"],
  ["votes", "movie:4"],
  ["likes", "movie:2"],
  ["views", "movie:3"],
  ["matches", "movie:3"],
  ["matchingPower", "movie:3"],
])("by %s the first is %s", (sort, first) => {
  expect(rankTitles(titles, sort, 1).titles.map(({ contentId }) => contentId)).toEqual([first]);
});

test("the limit cuts what is shown, not what the prior is fitted to", () => {
  const one = rankTitles(titles, "shrunken", 1);
  const all = rankTitles(titles, "shrunken", 9);
  expect([one.total, all.titles.length]).toEqual([24, 9]);
  expect(one.prior).toEqual(all.prior);
  expect(one.titles[0]).toEqual(all.titles[0]);
});

test("of equals that with more votes comes first, then the lower id, and ratios over nothing last", () => {
  const order = (sort: TitleSort) =>
    rankTitles([title("b", 1, 2), title("a", 1, 2), title("c", 2, 4)], sort, 9).titles.map(({ contentId }) => contentId);
  const others = titleSorts.filter((sort) => sort !== "likes" && sort !== "votes");
  expect(others.map(order)).toEqual(others.map(() => ["c", "a", "b"]));
});
