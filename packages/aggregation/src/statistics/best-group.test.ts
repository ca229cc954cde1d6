import fc from "fast-check";
import { expect, test } from "vitest";
import { bestGroup, type Group } from "./best-group.ts";
import { fitBetaPrior, uniformPrior } from "./beta-binomial.ts";

const group = (key: string, successes: number, trials: number): Group => ({ key, successes, trials });

/** ln (n - 1)! */
const logFactorial = (n: number) => Array.from({ length: n - 1 }, (_, i) => Math.log(i + 1)).reduce((sum, log) => sum + log, 0);
const logBeta = (a: number, b: number) => logFactorial(a) + logFactorial(b) - logFactorial(a + b);

/** P(second > first) for integer shapes (E. Miller, "Formulas for Bayesian A/B testing", 2013, equation 6), by the uniform prior. */
function secondBeatsFirst(first: Group, second: Group): number {
  const [a1, b1, a2, b2] = [
    1 + first.successes,
    1 + first.trials - first.successes,
    1 + second.successes,
    1 + second.trials - second.successes,
  ];
  return Array.from({ length: a2 }, (_, i) =>
    Math.exp(logBeta(a1 + i, b2 + b1) - Math.log(b2 + i) - logBeta(1 + i, b2) - logBeta(a1, b1)),
  ).reduce((sum, term) => sum + term, 0);
}

test("for two groups, the probability of being the best equals the closed formula", () => {
  const side = fc.tuple(fc.nat(120), fc.nat(120));
  fc.assert(
    fc.property(side, side, ([hits1, misses1], [hits2, misses2]) => {
      const [first, second] = [group("2", hits1, hits1 + misses1), group("3", hits2, hits2 + misses2)];
      const found = bestGroup([first, second], uniformPrior)?.groups[1]?.probabilityBest as number;
      expect(Math.abs(found - secondBeatsFirst(first, second))).toBeLessThan(1e-4);
    }),
    { numRuns: 100 },
  );
});

test("the probabilities of all groups sum to 1, and groups without trials have equal ones", () => {
  const anyGroups = fc.array(fc.tuple(fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(anyGroups, (counts) => {
      const found = bestGroup(
        counts.map(([hits, misses], index) => group(`${index}`, hits, hits + misses)),
        uniformPrior,
      );
      expect(found?.groups.reduce((sum, { probabilityBest }) => sum + probabilityBest, 0)).toBeCloseTo(1, 4);
    }),
    { numRuns: 100 },
  );
  const unknown = bestGroup([group("2", 0, 0), group("3", 0, 0), group("4", 0, 0)], uniformPrior);
  for (const { probabilityBest } of unknown?.groups ?? []) expect(probabilityBest).toBeCloseTo(1 / 3, 4);
});

test("the probability is exact for a group with a far narrower distribution than the others", () => {
  const found = bestGroup([group("2", 600_000, 1_000_000), group("3", 2, 4)], uniformPrior);
  // P(Beta(3, 3) > 0.6) = 0.31744 by the binomial sum: the narrow distribution is close to a point.
  expect(found?.groups[1]?.probabilityBest).toBeCloseTo(0.31744, 4);
});

test("the best group has the highest posterior mean; of equal ones the first", () => {
  expect(bestGroup([group("2", 5, 10), group("3", 8, 10), group("4", 8, 10)], uniformPrior)?.best).toMatchObject({
    key: "3",
    mean: 9 / 12,
  });
});

test("with a prior fitted to the groups, a single success in one trial is not the best", () => {
  const groups = [group("2", 300, 600), group("3", 420, 700), group("4", 330, 600), group("5", 200, 400), group("8", 1, 1)];
  expect(bestGroup(groups, uniformPrior)?.best.key).toBe("8");
  expect(bestGroup(groups, fitBetaPrior(groups))?.best.key).toBe("3");
});

test("without groups there is no best group", () => {
  expect(bestGroup([], uniformPrior)).toBeNull();
});
