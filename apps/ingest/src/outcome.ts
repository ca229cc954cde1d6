import type { ReportedEvent } from "@trinity/events/event";
import type { EventRejection } from "@trinity/events/event-rejection";
import type { AppendOutcome } from "@trinity/storage/event-store";

/** A rejected candidate and why. `index` is its place in the request. */
export type Rejected = { readonly index: number; readonly source: string; readonly rejection: Rejection };
type Rejection = Omit<EventRejection, "code"> & { readonly code: string };

/** The candidates for events in a body, and the ones that could not be read. */
export type Decoded = {
  readonly candidates: readonly { readonly index: number; readonly value: unknown }[];
  readonly unreadable: readonly Rejected[];
  /** For the sender, beside what was rejected; such as fields that were ignored. */
  readonly warning?: string;
};

export type Validated = {
  readonly events: readonly ReportedEvent[];
  /** The place of each of `events` in the request. */
  readonly indexes: readonly number[];
  readonly rejected: readonly Rejected[];
  readonly droppedProperties: number;
  readonly warning?: string;
};

/** What became of a request, for its sender. */
export type Outcome = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
  readonly droppedProperties: number;
  readonly warning?: string;
};

export function outcomeOf(validated: Validated, { duplicate }: AppendOutcome): Outcome {
  const { events, indexes: _, ...rest } = validated;
  const duplicates = duplicate.filter(Boolean).length;
  return { accepted: events.length - duplicates, duplicates, ...rest };
}
