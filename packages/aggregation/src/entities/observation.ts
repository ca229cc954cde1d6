import type { StoredEvent } from "@trinity/events/event";
import { type StateKind, stateKindOf } from "@trinity/events/watched-metric";
import { tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import { type ResourceLabels, resourceContribution, resourceLabelsOf, scaled, watchedMetricOf } from "../resource.ts";

/** What one resource was used at one instant, put together from the states that its sender split it into. */
export type StateObservation = ResourceLabels & {
  readonly atMs: number;
  /** All states of use together, in whole billionths: their order means nothing. */
  readonly useBillionths: number;
  /** All states of rest together, if none of use was reported and the states make a whole: use is what they leave of it. */
  readonly restBillionths?: number;
};

const wholeBillionths = 1e9;

/**
 * @returns the key of the observation that a data point is a part of, which begins with its series and hour; `null` for one that is no part of
 * any
 */
export function observationKeyOf(event: StoredEvent): string | null {
  const { series, state } = event.properties;
  if (typeof series !== "string" || typeof state !== "string") return null;
  const kind = kindOf(event);
  if (kind === undefined || kind === "part" || shareOf(event) === null) return null;
  const { timestampMs } = event;
  const hour = Math.floor(timestampMs / tierMs.hour);
  return `${series}/${String(hour).padStart(9, "0")}/${String(timestampMs - hour * tierMs.hour).padStart(7, "0")}`;
}

export function mergeObservation(before: StateObservation | undefined, event: StoredEvent): StateObservation {
  const share = shareOf(event) as number;
  const observed = { ...resourceLabelsOf(event), atMs: event.timestampMs };
  const restBefore = before?.restBillionths ?? 0;
  // What is known of use decides, whichever came first.
  if (kindOf(event) === "use") return { ...observed, useBillionths: (before?.useBillionths ?? 0) + share };
  if (before !== undefined && before.restBillionths === undefined) return before;
  const isWhole = watchedMetricOf(event)?.states?.isWhole === true;
  return { ...observed, useBillionths: 0, ...(isWhole && { restBillionths: restBefore + share }) };
}

function kindOf(event: StoredEvent): StateKind | undefined {
  const watched = watchedMetricOf(event);
  return watched === undefined ? undefined : stateKindOf(watched, event.properties.state);
}

function shareOf(event: StoredEvent): number | null {
  const { value } = event.properties;
  return typeof value === "number" ? scaled(event, value, wholeBillionths) : null;
}

export function contributionsOfObservation(observed: StateObservation): readonly Contribution[] {
  const { atMs, useBillionths, restBillionths } = observed;
  const billionths = restBillionths === undefined ? useBillionths : Math.max(0, wholeBillionths - restBillionths);
  return [resourceContribution(observed, atMs, { count: 1, sumMillionths: Math.round(billionths / 1_000) })];
}
