import type { StoredEvent } from "@trinity/events/event";
import { type StateKind, stateKindOf } from "@trinity/events/watched-metric";
import { tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import { type ResourceLabels, resourceContribution, resourceLabelsOf, scaled, watchedMetricOf } from "../resource.ts";
import { type EntityDeclaration, keysFrom } from "./entity-declaration.ts";

/** The use of one resource at one instant, joined from the states that its sender reports. */
export type StateObservation = ResourceLabels & {
  readonly atMs: number;
  /** The sum of all states of use, in whole billionths, so that their order does not matter. */
  readonly useBillionths: number;
  /** The sum of all states of rest, if none of use was reported and the states add up to 1: use is the remainder. */
  readonly restBillionths?: number;
};

const wholeBillionths = 1e9;

/** @returns the key of the observation that a data point belongs to, which begins with its series and hour; `null` if it belongs to none */
function observationKeyOf(event: StoredEvent): string | null {
  const { series, state } = event.properties;
  if (typeof series !== "string" || typeof state !== "string") return null;
  const kind = kindOf(event);
  if (kind === undefined || kind === "part" || shareOf(event) === null) return null;
  const { timestampMs } = event;
  const hour = Math.floor(timestampMs / tierMs.hour);
  return `${series}/${String(hour).padStart(9, "0")}/${String(timestampMs - hour * tierMs.hour).padStart(7, "0")}`;
}

function mergeObservation(before: StateObservation | undefined, event: StoredEvent): StateObservation {
  const share = shareOf(event) as number;
  const observed = { ...resourceLabelsOf(event), atMs: event.timestampMs };
  const restBefore = before?.restBillionths ?? 0;
  // A state of use takes precedence, whichever arrived first.
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

function contributionsOfObservation(observed: StateObservation): readonly Contribution[] {
  const { atMs, useBillionths, restBillionths } = observed;
  const billionths = restBillionths === undefined ? useBillionths : Math.max(0, wholeBillionths - restBillionths);
  return [resourceContribution(observed, atMs, { count: 1, sumMillionths: Math.round(billionths / 1_000) })];
}

export const observationEntity: EntityDeclaration<StateObservation> = {
  storedKind: "observation",
  subject: "resource",
  partOf: null,
  rowsAre: "observations",
  clusterOf: (key) => key.slice(0, key.lastIndexOf("/")),
  ownerOf: () => null,
  keysOf: (event) => keysFrom(observationKeyOf(event)),
  merge: mergeObservation,
  contributions: contributionsOfObservation,
  // All its events are of one instant.
  contributesWithinMs: 0,
};
