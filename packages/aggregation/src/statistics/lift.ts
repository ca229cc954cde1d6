import { normalQuantile975 } from "./normal-distribution.ts";
import type { Proportion } from "./proportion.ts";
import { equalProportionsPValue } from "./two-proportions.ts";

/** The ratio of the share of an attribute in one group to its share in another (risk ratio), with 95 % interval and two-sided p-value. */
export type Lift = {
  /** `null` if the share in the other group is 0. */
  readonly lift: number | null;
  readonly low: number;
  /** `null` if the share in the other group is 0: the lift has no upper bound. */
  readonly high: number | null;
  /** Null hypothesis: both shares are equal. Adjust it if many attributes are tested. */
  readonly pValue: number;
};

/**
 * The interval is symmetric for the logarithm, with variance 1/a - 1/n1 + 1/b - 1/n2: Katz, Baptista, Azen and Pike, "Obtaining confidence
 * intervals for the risk ratio in cohort studies", Biometrics 34 (1978), p. 469, method C. If one of the four cells of the two-by-two table
 * is empty, half a count is added to each cell for the interval (Haldane, Ann. Hum. Genet. 20 (1956), p. 309). `low` is 0 if nothing in
 * the first group has the attribute, and `high` is `null` if nothing in the other group has it.
 * To rank what is over-represented, sort by `low`: a large lift from few counts has a small `low`.
 * @param among how many of the first group have the attribute
 * @param others how many of the other group have it; the groups are disjoint
 * @returns `null` if either group is empty
 */
export function liftOf(among: Proportion, others: Proportion): Lift | null {
  if (among.trials === 0 || others.trials === 0) return null;
  const [a, b] = [among.successes, others.successes];
  const added = a === 0 || b === 0 || a === among.trials || b === others.trials ? 0.5 : 0;
  const [withA, allA, withB, allB] = [a + added, among.trials + 2 * added, b + added, others.trials + 2 * added];
  const centre = withA / allA / (withB / allB);
  const factor = Math.exp(normalQuantile975 * Math.sqrt(1 / withA - 1 / allA + 1 / withB - 1 / allB));
  return {
    lift: b === 0 ? null : a / among.trials / (b / others.trials),
    low: a === 0 ? 0 : centre / factor,
    high: b === 0 ? null : centre * factor,
    pValue: equalProportionsPValue(among, others),
  };
}
