import fc from "fast-check";
import { expect, test } from "vitest";
import { wilsonInterval } from "./wilson.ts";

// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("%i of %i is as published: %f to %f", (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);
  expect(interval?.map((end) => Number(end.toFixed(4)))).toEqual([low, high]);
});

test("there is no interval over nothing", () => {
  expect(wilsonInterval(0, 0)).toBeNull();
});

test("the interval lies between 0 and 1 and holds the share", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), (successes, failures) => {
      fc.pre(successes + failures > 0);
      const [low, high] = wilsonInterval(successes, successes + failures) as readonly [number, number];
      const share = successes / (successes + failures);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(share + 1e-12);
      expect(high).toBeGreaterThanOrEqual(share - 1e-12);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});
