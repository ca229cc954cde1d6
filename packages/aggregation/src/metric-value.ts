/** A number as it is shown: integers as they were counted, divided only here; `null` where there is nothing to divide by. */
export type MetricValue = {
  readonly value: number | null;
  readonly numerator?: number;
  readonly denominator?: number;
  /** 95 %, of a proportion. */
  readonly interval?: readonly [number, number] | null;
  /** How many facts a distribution is over. */
  readonly count?: number;
  /** What a score is made of, each between 0 and 1. */
  readonly parts?: Readonly<Record<string, number>>;
};

/** A line of an answer as it is read: a number a bucket, and the total. */
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
