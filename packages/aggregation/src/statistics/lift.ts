import { normalQuantile975 } from "./normal-distribution.ts";
import type { Proportion } from "./proportion.ts";
import { equalProportionsPValue } from "./two-proportions.ts";

/** How many times as frequent an attribute is among some as among others (the risk ratio), its 95 % interval and two-sided p-value. */
export type Lift = {
  /** `null` when none of the others has it: there is nothing to divide by. */
  readonly lift: number | null;
  readonly low: number;
  /** `null` when none of the others has it: the lift may be of any size. */
  readonly high: number | null;
  /** Of the attribute being equally frequent in both. Adjust it where many attributes are looked at. */
  readonly pValue: number;
};

/**
 * The interval is symmetric for the logarithm, with variance 1/a - 1/n1 + 1/b - 1/n2: Katz, Baptista, Azen and Pike, "Obtaining confidence
 * intervals for the risk ratio in cohort studies", Biometrics 34 (1978), p. 469, method C. Where one of the four cells (with and without,
 * here and there) is empty, half a count is added to each of them for the interval (Haldane, Ann. Hum. Genet. 20 (1956), p. 309), and
 * the end that no data bounds is open: `low` is 0 when none of these has the attribute, `high` is `null` when none of the others has it.
 * To rank what is over-represented sort by `low`: a large lift of few counts has a small one.
 * @param among how many of these have the attribute
 * @param others how many of the others have it; nobody is in both
 * @returns `null` where either is over nothing
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
