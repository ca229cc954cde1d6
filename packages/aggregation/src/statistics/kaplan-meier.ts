import { normalQuantile975 } from "./normal-distribution.ts";

/** A duration until an event, or, if `event` is false, until the observation ended without it (censored). */
export type DurationObservation = { readonly ms: number; readonly event: boolean };

/** A step of the curve: from `ms` until the next point, the survival is `survival`. */
export type SurvivalPoint = {
  readonly ms: number;
  /** How many were observed, without an event, just before `ms`. */
  readonly atRisk: number;
  /** Events at `ms`. */
  readonly events: number;
  /** The estimated share without an event up to and including `ms`. */
  readonly survival: number;
  /** Greenwood's standard error of the survival. */
  readonly standardError: number;
  /** The pointwise 95 % interval of the survival at `ms`. */
  readonly low: number;
  readonly high: number;
};

export type SurvivalCurve = {
  /** The start of the curve: 0 ms, all at risk, survival 1. */
  readonly start: SurvivalPoint;
  /** One point for each distinct time of an event, earliest first. */
  readonly points: readonly SurvivalPoint[];
  /** The earliest time at which the survival is at most one half; `null` if it stays above. */
  readonly medianMs: number | null;
  /** The 95 % interval of the median; a bound is `null` if the data does not limit it. */
  readonly medianLowMs: number | null;
  readonly medianHighMs: number | null;
};

/**
 * The product-limit estimate of Kaplan and Meier, JASA 53 (1958), p. 457: S(t) is the product of (1 - d/n) over the event times up to t.
 * At the same time, events are before censorings. The variance is that of M. Greenwood, "The natural duration of cancer" (1926):
 * S(t)^2 times the sum of d / (n (n - d)).
 *
 * The intervals are symmetric for log(-log S), not for S: S^exp(+-z s), s^2 = sum of d / (n (n - d)) / (log S)^2 (Kalbfleisch and Prentice,
 * "The Statistical Analysis of Failure Time Data", 1980). Near 0 and 1 the distribution of S is skewed: the plain interval leaves [0, 1] and
 * has too low coverage in small samples. This one has neither problem (Borgan and Liestol, Scand. J. Statist. 17 (1990), p. 35).
 * The interval of the median is the set of times at which the interval of S contains one half (Brookmeyer and Crowley, Biometrics 38 (1982), p. 29).
 *
 * If the last one at risk has its event, S is 0 and the variance is not defined. The interval is then from 0 to the upper bound of the
 * point before, which is valid because survival never rises.
 */
export function kaplanMeier(observations: readonly DurationObservation[]): SurvivalCurve {
  const sorted = observations.toSorted((a, b) => a.ms - b.ms || Number(b.event) - Number(a.event));
  const start = { ms: 0, atRisk: sorted.length, events: 0, survival: 1, standardError: 0, low: 1, high: 1 };
  const points: SurvivalPoint[] = [];
  let greenwoodSum = 0;
  for (const { ms, atRisk, events } of eventTimesOf(sorted)) {
    const before = points.at(-1) ?? start;
    const survival = before.survival * (1 - events / atRisk);
    greenwoodSum += events / (atRisk * (atRisk - events));
    const spread =
      survival === 0
        ? { standardError: 0, low: 0, high: before.high }
        : { standardError: survival * Math.sqrt(greenwoodSum), ...logLogInterval(survival, greenwoodSum) };
    points.push({ ms, atRisk, events, survival, ...spread });
  }
  return {
    start,
    points,
    medianMs: firstTime(points, ({ survival }) => survival),
    medianLowMs: firstTime(points, ({ low }) => low),
    medianHighMs: firstTime(points, ({ high }) => high),
  };
}

/** @returns the point of the curve that applies at a time: the last point not after it */
export function survivalAt({ start, points }: SurvivalCurve, ms: number): SurvivalPoint {
  return points.findLast((point) => point.ms <= ms) ?? start;
}

type EventTime = { readonly ms: number; readonly atRisk: number; readonly events: number };

function eventTimesOf(sorted: readonly DurationObservation[]): EventTime[] {
  const times: EventTime[] = [];
  sorted.forEach(({ ms, event }, index) => {
    if (!event) return;
    const last = times.at(-1);
    if (last?.ms === ms) times[times.length - 1] = { ...last, events: last.events + 1 };
    else times.push({ ms, atRisk: sorted.length - index, events: 1 });
  });
  return times;
}

function logLogInterval(survival: number, greenwoodSum: number): { readonly low: number; readonly high: number } {
  const factor = Math.exp((normalQuantile975 * Math.sqrt(greenwoodSum)) / Math.abs(Math.log(survival)));
  return { low: survival ** factor, high: survival ** (1 / factor) };
}

/** By rounding, a product that is exactly one half can be slightly above it. */
const half = 0.5 + 1e-9;

function firstTime(points: readonly SurvivalPoint[], levelOf: (point: SurvivalPoint) => number): number | null {
  return points.find((point) => levelOf(point) <= half)?.ms ?? null;
}
