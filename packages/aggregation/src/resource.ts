import type { StoredEvent } from "@trinity/events/event";
import { conversionOf, type WatchedMetric, watchedMetric } from "@trinity/events/watched-metric";
import type { Contribution } from "./contribution.ts";
import { binOf } from "./histogram.ts";
import type { Amounts } from "./vector.ts";

/** The components of the measure `resource`, in millionths of the unit of the resource. */
export const resourceComponent = { observations: 0, sumMillionths: 1, bin0: 16 } as const;

/** The metric that a data point is of, where it is watched; `undefined` for any other metric or event. */
export function watchedMetricOf(event: StoredEvent): WatchedMetric | undefined {
  return event.eventType === "metric_point" ? watchedMetric(event.properties.metric as string) : undefined;
}

/** @returns the resource that a data point of a metric is about; `undefined` for any other metric or event */
export function resourceOf(event: StoredEvent): string | undefined {
  return watchedMetricOf(event)?.resource;
}

/** Values that were seen `count` times and come to a sum, in whole millionths of their unit. */
export type Observation = { readonly count: number; readonly sumMillionths: number };

/**
 * @returns what a data point observed by itself: its value, or for a histogram its mean as often as it counts; `null` where there is none, or
 * where the point means something only together with others
 */
export function observedResource(event: StoredEvent): Observation | null {
  if (event.eventType !== "metric_point" || event.properties.series !== undefined) return null;
  const { value, count, sum } = event.properties as Readonly<Record<string, number | undefined>>;
  if (value !== undefined) return observed(event, 1, value);
  return count === undefined || count === 0 || sum === undefined ? null : observed(event, count, sum / count);
}

function observed(event: StoredEvent, count: number, value: number): Observation | null {
  const millionths = scaled(event, value, 1e6);
  return millionths === null ? null : observation(count, count * millionths);
}

/**
 * What one observation may add to a sum: 115 days, ten million CPUs, 9.5 TiB, or so many values. Sums are exact below 2^53, so it takes 900
 * such observations in one bucket to leave that.
 */
export const addedMax = 1e13;

/** @returns an observation that sums can take; `null` for one of nothing, and for one that is too large for them */
export function observation(count: number, sumMillionths: number): Observation | null {
  return count > 0 && count <= addedMax && sumMillionths <= addedMax ? { count, sumMillionths } : null;
}

/**
 * @param parts into how many parts the unit of the resource is divided
 * @returns a value of a data point as a whole number of such parts; `null` for one that is negative, too large, or of an unknown unit
 */
export function scaled(event: StoredEvent, value: number, parts: number): number | null {
  const watched = watchedMetricOf(event);
  const conversion = watched === undefined ? undefined : conversionOf(watched, event.properties.unit as string | undefined);
  if (conversion === undefined) return null;
  const whole = Math.round(((value * conversion.times) / conversion.per) * parts);
  return whole >= 0 && whole <= Number.MAX_SAFE_INTEGER ? whole : null;
}

/** What an observation is worth to the measure: a histogram of it has the mean as often as it counts. */
export function resourceAmounts({ count, sumMillionths: sum }: Observation): Amounts {
  const { observations, sumMillionths, bin0 } = resourceComponent;
  return [observations, count, sumMillionths, sum, bin0 + binOf(Math.round(sum / count)), count];
}

/** Whose observations an entity gathers: the same of all points of a series. */
export type ResourceLabels = { readonly service: string; readonly resource: string };

export function resourceLabelsOf(event: StoredEvent): ResourceLabels {
  return { service: event.properties.service as string, resource: resourceOf(event) as string };
}

/** @returns what an entity adds at an instant, under the dimensions that its events have */
export function resourceContribution({ service, resource }: ResourceLabels, atMs: number, observed: Observation): Contribution {
  const dimensions = { eventType: "metric_point", source: "otel", service, resource };
  return { measure: "resource", atMs, dimensions, amounts: resourceAmounts(observed) };
}
