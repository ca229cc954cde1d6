/**
 * The step-up procedure of Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995), p. 289, as adjusted p-values:
 * among the results with an adjusted p-value of at most q, the expected share of false ones is at most q.
 * @returns an adjusted p-value for each p-value, in the order given: the minimum of m p(k) / k over its own rank and all higher ranks k
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
