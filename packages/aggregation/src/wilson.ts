import { normalQuantile975 as z } from "./statistics/normal-distribution.ts";

/**
 * The Wilson score interval of a proportion at 95 %: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
 * Inference", JASA 22 (1927), p. 209.
 * @returns `null` over nothing
 */
export function wilsonInterval(successes: number, trials: number): readonly [number, number] | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
