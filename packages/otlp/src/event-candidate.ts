import type { AttributeValue } from "./otlp-records.ts";
import type { OtelSource } from "./plain-text.ts";

/** A system event as a sender of `POST /v1/events` would write it: a candidate for `parseEvent` of the catalogue. */
export type EventCandidate = {
  readonly eventId: string;
  readonly eventType: string;
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly properties: Readonly<Record<string, AttributeValue>>;
  readonly source: OtelSource;
};
