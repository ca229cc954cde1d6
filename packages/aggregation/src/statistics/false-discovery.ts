/**
 * The step-up procedure of Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995), p. 289, as adjusted p-values:
 * of those that are called true because their adjusted p-value is at most q, a share of q at most is expected to be false.
 * @returns one a p-value, in the order given: the smallest m p(k) / k over the ranks k from its own upwards
 */
export function falseDiscoveryAdjusted(pValues: readonly number[]): readonly number[] {
  const largestFirst = pValues.map((_, index) => index).sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  largestFirst.forEach((index, position) => {
    const rank = pValues.length - position;
    smallest = Math.min(smallest, ((pValues[index] as number) * pValues.length) / rank);
    adjusted[index] = smallest;
  });
  return adjusted;
}
