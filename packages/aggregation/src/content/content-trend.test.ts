import { expect, test } from "vitest";
import { rateRatio } from "../statistics/poisson-rates.ts";
import { proportionDifference } from "../statistics/two-proportions.ts";
import { compareVoteHistories } from "./content-trend.ts";

const history = (key: string, now: [likes: number, votes: number], before: [likes: number, votes: number]) => ({
  key,
  now: { likes: now[0], votes: now[1] },
  before: { likes: before[0], votes: before[1] },
});

test("what is least likely to be chance comes first, be it the rate or the volume", () => {
  const trends = compareVoteHistories(
    [history("same", [5, 10], [5, 10]), history("more", [50, 100], [10, 20]), history("liked", [80, 100], [20, 100])],
    7,
    7,
  );
  expect(trends.map(({ key }) => key)).toEqual(["liked", "more", "same"]);
});

test("changes are Newcombe's difference, and the ratio of votes by time", () => {
  const [trend] = compareVoteHistories([history("drama", [30, 60], [20, 80])], 3, 6);
  expect(trend?.rateChange).toMatchObject(proportionDifference({ successes: 30, trials: 60 }, { successes: 20, trials: 80 }) as object);
  expect(trend?.volumeChange).toMatchObject(rateRatio({ count: 60, exposure: 3 }, { count: 80, exposure: 6 }));
  expect(trend?.volumeChange.ratio).toBeCloseTo(1.5, 12);
});

test("p-values are adjusted for rates and for volumes apart, and a rate that cannot be compared is not counted among them", () => {
  const trends = compareVoteHistories(
    [history("a", [80, 100], [20, 100]), history("b", [5, 10], [5, 10]), history("new", [3, 9], [0, 0])],
    1,
    1,
  );
  const [a, fresh] = [trends.find(({ key }) => key === "a"), trends.find(({ key }) => key === "new")];
  expect(a?.rateChange?.adjustedPValue).toBeCloseTo(2 * (a?.rateChange?.pValue as number), 15);
  expect(fresh?.rateChange).toBeNull();
  expect(fresh?.volumeChange).toMatchObject({ ratio: null, high: null });
  expect(fresh?.volumeChange.adjustedPValue).toBeCloseTo(3 * (fresh?.volumeChange.pValue as number), 15);
});
