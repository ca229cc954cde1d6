/** A value as it is shown, with the integers it was divided from; `null` for a division by 0. */
export type MetricValue = {
  readonly value: number | null;
  readonly numerator?: number;
  readonly denominator?: number;
  /** 95 %, of a proportion. */
  readonly interval?: readonly [number, number] | null;
  /** How many facts a distribution is over. */
  readonly count?: number;
  /** The parts of a score, each between 0 and 1. */
  readonly parts?: Readonly<Record<string, number>>;
};

/** One series of an answer: a value for each bucket, and the total. */
export type MetricSeries = {
  readonly key: string;
  readonly by: Readonly<Record<string, string>>;
  readonly points: readonly MetricValue[];
  readonly total: MetricValue;
};

/** @returns two counts and what one is of the other */
export function ratioOf(
  numerator: number,
  denominator: number,
): MetricValue & { readonly numerator: number; readonly denominator: number } {
  return { value: denominator === 0 ? null : numerator / denominator, numerator, denominator };
}
