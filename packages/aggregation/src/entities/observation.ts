import type { StoredEvent } from "@trinity/events/event";
import { tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import { type ResourceLabels, resourceContribution, resourceLabelsOf, scaled, watchedMetricOf } from "../resource.ts";

/** What one resource was used at one instant, put together from the states that its sender split it into. */
export type StateObservation = ResourceLabels & {
  readonly atMs: number;
  /** All states of use together, in whole billionths: their order means nothing. */
  readonly useBillionths: number;
};

const partsOfUse = 1e9;

/**
 * @returns the key of the observation that a data point is a part of, which begins with its series and hour; `null` for one that is no part of
 * any: idle and free are no use
 */
export function observationKeyOf(event: StoredEvent): string | null {
  const { series, state } = event.properties;
  if (typeof series !== "string" || typeof state !== "string") return null;
  if (watchedMetricOf(event)?.isUse?.(state) !== true || useOf(event) === null) return null;
  const { timestampMs } = event;
  const hour = Math.floor(timestampMs / tierMs.hour);
  return `${series}/${String(hour).padStart(9, "0")}/${String(timestampMs - hour * tierMs.hour).padStart(7, "0")}`;
}

export function mergeObservation(before: StateObservation | undefined, event: StoredEvent): StateObservation {
  const use = useOf(event) as number;
  return { ...resourceLabelsOf(event), atMs: event.timestampMs, useBillionths: (before?.useBillionths ?? 0) + use };
}

function useOf(event: StoredEvent): number | null {
  const { value } = event.properties;
  return typeof value === "number" ? scaled(event, value, partsOfUse) : null;
}

export function contributionsOfObservation(observed: StateObservation): readonly Contribution[] {
  const { atMs, useBillionths } = observed;
  return [resourceContribution(observed, atMs, { count: 1, sumMillionths: Math.round(useBillionths / 1_000) })];
}
