import fc from "fast-check";
import { expect, test } from "vitest";
import { type DurationObservation, kaplanMeier, survivalAt } from "./kaplan-meier.ts";

/** @param times "6" is an event at 6, "6+" a censoring at 6 */
const observed = (times: string): DurationObservation[] =>
  times.split(" ").map((time) => ({ ms: Number.parseInt(time, 10), event: !time.endsWith("+") }));

// Freireich et al., "The effect of 6-mercaptopurine on the duration of steroid-induced remissions in acute leukemia", Blood 21 (1963): weeks.
const mercaptopurine = observed("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
const placebo = observed("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");

const rounded = (value: number) => Number(value.toFixed(3));

test("the curve and Greenwood's errors of the leukaemia trial are as published", () => {
  const { points } = kaplanMeier(mercaptopurine);
  expect(
    points.map(({ ms, atRisk, events, survival, standardError }) => [ms, atRisk, events, rounded(survival), rounded(standardError)]),
  ).toEqual([
    [6, 21, 3, 0.857, 0.076],
    [7, 17, 1, 0.807, 0.087],
    [10, 15, 1, 0.753, 0.096],
    [13, 12, 1, 0.69, 0.107],
    [16, 11, 1, 0.627, 0.114],
    [22, 7, 1, 0.538, 0.128],
    [23, 6, 1, 0.448, 0.135],
  ]);
});

// By hand at 6 weeks: s = sqrt(3 / (21 x 18)) / |ln(18 / 21)| = 0.5779, and (18 / 21)^exp(+-1.96 s) = 0.620 and 0.952.
test("the interval is symmetric for log(-log S)", () => {
  const [first] = kaplanMeier(mercaptopurine).points;
  expect([first?.low, first?.high].map((end) => rounded(end as number))).toEqual([0.62, 0.952]);
  const scaled = (survival: number) => Math.log(-Math.log(survival));
  for (const { survival, low, high } of kaplanMeier(mercaptopurine).points) {
    expect(scaled(low) - scaled(survival)).toBeCloseTo(scaled(survival) - scaled(high), 10);
  }
});

// The medians are published. The bounds are the times at which low and high are first at most one half.
test("the medians of the leukaemia trial are 23 weeks, with a lower bound only, and 8 weeks", () => {
  expect(kaplanMeier(mercaptopurine)).toMatchObject({ medianMs: 23, medianLowMs: 13, medianHighMs: null });
  expect(kaplanMeier(placebo)).toMatchObject({ medianMs: 8, medianLowMs: 4, medianHighMs: 11 });
});

test("an observation that is censored at the time of an event is at risk of it, in any order of the input", () => {
  const { points } = kaplanMeier(observed("5+ 5 9+"));
  expect(points).toMatchObject([{ ms: 5, atRisk: 3, events: 1 }]);
  expect(points[0]?.survival).toBeCloseTo(2 / 3, 12);
});

test("a median that is never reached is null", () => {
  expect(kaplanMeier(observed("3 8+ 8+"))).toMatchObject({ medianMs: null, medianHighMs: null });
});

test("a survival of exactly one half is the median, in spite of rounding", () => {
  for (let size = 2; size <= 400; size += 2) {
    const everySecond = Array.from({ length: size }, (_, index) => ({ ms: index + 1, event: true }));
    expect(kaplanMeier(everySecond).medianMs).toBe(size / 2);
  }
});

test("without observations, or with censorings only, the curve has only its start", () => {
  expect(kaplanMeier([])).toMatchObject({ start: { ms: 0, atRisk: 0, survival: 1 }, points: [], medianMs: null, medianLowMs: null });
  expect(kaplanMeier(observed("4+ 7+"))).toMatchObject({ start: { atRisk: 2, low: 1, high: 1 }, points: [] });
});

test("at a survival of 0 the interval has the upper bound of the point before", () => {
  const points = kaplanMeier(placebo).points;
  expect(points.at(-1)).toMatchObject({ ms: 23, survival: 0, low: 0, high: points.at(-2)?.high });
});

test("the survival is constant between two points", () => {
  const curve = kaplanMeier(mercaptopurine);
  expect([0, 5, 6, 6.5, 7, 22.9, 23, 99].map((ms) => rounded(survivalAt(curve, ms).survival))).toEqual([
    1, 1, 0.857, 0.857, 0.807, 0.538, 0.448, 0.448,
  ]);
});

const anyObservations = fc.array(fc.record({ ms: fc.nat(30), event: fc.boolean() }), { maxLength: 60 });

test("without censoring, the survival is the share that lasts longer, with the standard error of a binomial share", () => {
  fc.assert(
    fc.property(anyObservations, (observations) => {
      for (const { ms, survival, standardError } of kaplanMeier(observations.map((seen) => ({ ...seen, event: true }))).points) {
        const share = observations.filter((seen) => seen.ms > ms).length / observations.length;
        expect(survival).toBeCloseTo(share, 10);
        expect(standardError).toBeCloseTo(Math.sqrt((share * (1 - share)) / observations.length), 10);
      }
    }),
    { numRuns: 200 },
  );
});

test("the curve never rises, is within its interval, and does not depend on the order of the observations", () => {
  fc.assert(
    fc.property(anyObservations, (observations) => {
      const curve = kaplanMeier(observations);
      let before = curve.start;
      for (const point of curve.points) {
        expect(point.ms).toBeGreaterThan(before === curve.start ? -1 : before.ms);
        expect(point.survival).toBeLessThan(before.survival);
        expect(point.low).toBeGreaterThanOrEqual(0);
        expect(point.low).toBeLessThanOrEqual(point.survival);
        expect(point.high).toBeGreaterThanOrEqual(point.survival);
        expect(point.high).toBeLessThanOrEqual(1);
        before = point;
      }
      expect(kaplanMeier(observations.toReversed())).toEqual(curve);
    }),
    { numRuns: 200 },
  );
});
