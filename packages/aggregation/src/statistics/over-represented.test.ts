import { Random } from "@trinity/simulator/random";
import fc from "fast-check";
import { expect, test } from "vitest";
import { liftOf } from "./lift.ts";
import { type Attributes, OverRepresentation } from "./over-represented.ts";

type Cluster = readonly [isAmong: boolean, facts: readonly Attributes[]];

const patternsOf = (clusters: readonly Cluster[]) => {
  const found = new OverRepresentation();
  for (const [isAmong, facts] of clusters) found.add(isAmong, facts);
  return found.patterns();
};
const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const single = (isAmong: boolean, genre: string | readonly string[]): Cluster => [isAmong, [{ genre }]];

test("for independent facts the result is the lift of the counts, with p-values adjusted over all tested values", () => {
  const clusters = [
    ...many(30, single(true, "drama")),
    ...many(10, single(true, "comedy")),
    ...many(20, single(false, "drama")),
    ...many(60, single(false, "comedy")),
  ];
  const [pattern, ...rest] = patternsOf(clusters);
  const lift = liftOf({ successes: 30, trials: 40 }, { successes: 20, trials: 80 });
  expect(rest).toEqual([]);
  expect(pattern).toMatchObject({ attribute: "genre", value: "drama", ...lift, adjustedPValue: lift?.pValue });
  expect(pattern?.among).toMatchObject({ numerator: 30, denominator: 40, value: 0.75 });
});

test("a fact counts once for each distinct value that it has", () => {
  const patterns = patternsOf([single(true, ["drama", "drama", "war"]), single(true, ["war"]), single(false, []), single(false, ["war"])]);
  expect(patterns.map(({ value, among, others }) => [value, among.numerator, others.numerator])).toEqual([
    ["war", 2, 1],
    ["drama", 1, 0],
  ]);
});

test("independent facts count the same one by one as in clusters of one, and so does an attribute that is added by itself", () => {
  const anyGenres = fc.oneof(fc.constantFrom("drama", "war"), fc.array(fc.constantFrom("drama", "war", "comedy"), { maxLength: 4 }));
  const anyFact = fc.record({ isAmong: fc.boolean(), genre: anyGenres, last: fc.constantFrom("vote", "leave", "none") });
  fc.assert(
    fc.property(fc.array(anyFact, { minLength: 2, maxLength: 40 }), (facts) => {
      const found = new OverRepresentation();
      for (const { isAmong, genre } of facts) found.addOne(isAmong, { genre });
      for (const { isAmong, last } of facts) found.addValue(isAmong, { attribute: "last", value: last, facts: 1 });
      expect(found.patterns()).toEqual(patternsOf(facts.map(({ isAmong, genre, last }) => [isAmong, [{ genre, last }]])));
    }),
    { numRuns: 200 },
  );
});

test("there are no patterns if one group is empty", () => {
  expect(patternsOf([])).toEqual([]);
  expect(patternsOf([single(true, "drama")])).toEqual([]);
});

// By hand: 3 of 6 have the value; of the clusters with 3, 2 and 1 facts, all, none and none have it. Residuals 1.5, -1, -0.5: squares 3.5;
// variance 3/2 * 3.5 / 36; variance of independent facts 1/4 / 6: the design effect is 3.5.
test("facts of one cluster count less, by their design effect", () => {
  const drama = { genre: "drama" };
  const war = { genre: "war" };
  const [pattern] = patternsOf([
    [true, [drama, drama, drama]],
    [true, [war, war]],
    [true, [war]],
    ...many(9, single(false, "war")),
    single(false, "drama"),
  ]);
  const lift = liftOf({ successes: 3 / 3.5, trials: 6 / 3.5 }, { successes: 1, trials: 10 });
  expect(pattern).toMatchObject({ value: "drama", lift: 5, among: { numerator: 3, denominator: 6 } });
  expect(pattern?.low).toBeCloseTo(lift?.low as number, 12);
  expect(pattern?.pValue).toBeCloseTo(lift?.pValue as number, 12);
});

test("two clusters in which all facts have a value count as two facts, for any cluster size", () => {
  const room = (size: number, mediaType: string) => many(size, { mediaType });
  const others: Cluster[] = [...many(5, [false, room(1, "tv")] as const), ...many(5, [false, room(1, "movie")] as const)];
  const [large] = patternsOf([[true, room(50, "movie")], [true, room(50, "movie")], ...others]);
  const [small] = patternsOf([[true, room(1, "movie")], [true, room(1, "movie")], ...others]);
  expect(large?.low).toBeCloseTo(small?.low as number, 12);
  expect(large?.pValue).toBeCloseTo(small?.pValue as number, 12);
});

test("with clusters, intervals are at least as wide as for independent facts, and shares are equal", () => {
  const anyClusters = fc.array(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(anyClusters, anyClusters, (among, others) => {
      const clustersOf = (isAmong: boolean, clusters: readonly (readonly string[])[]): Cluster[] =>
        clusters.map((genres) => [isAmong, genres.map((genre) => ({ genre }))]);
      const together = patternsOf([...clustersOf(true, among), ...clustersOf(false, others)]);
      const apart = patternsOf([
        ...clustersOf(
          true,
          among.flat().map((one) => [one]),
        ),
        ...clustersOf(
          false,
          others.flat().map((one) => [one]),
        ),
      ]);
      for (const pattern of together) {
        const alone = apart.find(({ value }) => value === pattern.value);
        expect(pattern.lift).toBe(alone?.lift);
        expect(pattern.among.numerator).toBe(alone?.among.numerator);
        const [low, high] = pattern.among.interval ?? [0, 0];
        const [lowAlone, highAlone] = alone?.among.interval ?? [0, 0];
        expect(high - low).toBeGreaterThanOrEqual(highAlone - lowAlone - 1e-9);
        expect(pattern.adjustedPValue).toBeGreaterThanOrEqual(pattern.pValue - 1e-12);
      }
    }),
    { numRuns: 200 },
  );
});

// Rooms of 20 titles. Each room has its own share of dramas, so titles of a room are strongly correlated. The groups do not differ.
// If the titles were treated as independent, about 40 % of such worlds would show a difference.
test("if the groups do not differ, correlated titles show a difference in about 5 % of worlds", () => {
  const random = new Random("clusters", "no difference");
  const worlds = 1_000;
  let found = 0;
  for (let world = 0; world < worlds; world++) {
    const clusters = Array.from({ length: 80 }, (_, i): Cluster => {
      const share = random.between(0.1, 0.7);
      return [i % 2 === 0, Array.from({ length: 20 }, () => ({ genre: random.chance(share) ? "drama" : "other" }))];
    });
    if (patternsOf(clusters).some(({ pValue }) => pValue < 0.05)) found += 1;
  }
  expect(found / worlds).toBeGreaterThan(0.03);
  expect(found / worlds).toBeLessThan(0.08);
});
