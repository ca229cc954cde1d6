import fc from "fast-check";
import { expect, test } from "vitest";
import { liftOf } from "./lift.ts";

const of = (successes: number, trials: number) => ({ successes, trials });

// Moore, McCabe and Craig, "Introduction to the Practice of Statistics", ninth edition, example 8.18: vascular events with and without aspirin.
test("the lift and interval of a published example are as published", () => {
  const lift = liftOf(of(45, 411), of(73, 411));
  expect([lift?.lift, lift?.low, lift?.high].map((value) => Number(value?.toFixed(4)))).toEqual([0.6164, 0.4364, 0.8707]);
});

test("the p-value equals that of the difference of the two shares", () => {
  expect(liftOf(of(189, 11034), of(104, 11037))?.pValue).toBeCloseTo(5.69e-7, 9);
});

test("if nothing in a group has the attribute, the interval is open on that side", () => {
  expect(liftOf(of(0, 20), of(15, 30))).toMatchObject({ lift: 0, low: 0 });
  expect(liftOf(of(0, 20), of(15, 30))?.high).toBeLessThan(1);
  expect(liftOf(of(15, 30), of(0, 20))).toMatchObject({ lift: null, high: null });
  expect(liftOf(of(15, 30), of(0, 20))?.low).toBeGreaterThan(1);
  expect(liftOf(of(0, 4), of(0, 9))).toEqual({ lift: null, low: 0, high: null, pValue: 1 });
});

test("if all in both groups have the attribute, the lift is 1 with an interval around it", () => {
  const lift = liftOf(of(5, 5), of(7, 7));
  expect(lift?.lift).toBe(1);
  expect(lift?.low).toBeLessThan(0.9);
  expect(lift?.high).toBeGreaterThan(1.1);
});

test("a large lift from few counts has a smaller lower bound than a smaller lift from many", () => {
  expect(liftOf(of(2, 2), of(100, 1000))?.low).toBeLessThan(liftOf(of(300, 500), of(100, 1000))?.low as number);
});

test("there is no lift if a group is empty", () => {
  expect(liftOf(of(0, 0), of(1, 2))).toBeNull();
  expect(liftOf(of(1, 2), of(0, 0))).toBeNull();
});

test("the interval contains the lift", () => {
  const side = fc.tuple(fc.nat(200), fc.nat(200)).filter(([a, b]) => a + b > 0);
  fc.assert(
    fc.property(side, side, ([a, restA], [b, restB]) => {
      const lift = liftOf(of(a, a + restA), of(b, b + restB));
      if (lift === null || lift.lift === null) return;
      expect(lift.low).toBeLessThanOrEqual(lift.lift);
      expect(lift.high).toBeGreaterThanOrEqual(lift.lift);
    }),
    { numRuns: 500 },
  );
});
