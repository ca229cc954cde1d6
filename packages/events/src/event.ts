/**
 * The shapes of an event: as a sender reports it, and as the log stores it.
 * Times inside the system are Unix milliseconds; ids inside the log are pseudonyms.
 */

import type { EventPosition } from "./event-order.ts";

/** A property value in JSON. The catalogue defines which of these an event type may have. */
export type PropertyValue = string | number | boolean | readonly string[];
export type Properties = Readonly<Record<string, PropertyValue>>;

/** The component of Trinity that reported the fact: `system` is the dimension `source`. */
export type EventSource = {
  readonly system: string;
  readonly generation?: string;
  readonly component?: string;
};

/** The context as the log stores it: too coarse to identify a person. */
export type EventContext = {
  readonly platform?: string;
  readonly deviceType?: string;
  readonly appVersion?: string;
  readonly locale?: string;
  readonly ageBand?: string;
};

/** The context as a sender reports it; the last two fields never pass the anonymise stage. */
export type ReportedContext = EventContext & {
  readonly userAgent?: string;
  readonly ipAddress?: string;
};

/** A valid event with the sender's raw ids and context: only the stages before `anonymise` may see one. */
export type ReportedEvent = {
  readonly eventId: string;
  readonly eventType: string;
  readonly timestampMs: number;
  readonly userId: string | null;
  readonly roomId: string | null;
  readonly sessionId: string | null;
  /** Counts up in the order in which the sender's events happened: orders events of one instant. */
  readonly sequence?: number;
  readonly properties: Properties;
  readonly context: ReportedContext;
  readonly source: EventSource;
};

declare const pseudonym: unique symbol;
/** An id that only the holder of the pseudonym key can link to a person, room or session. */
export type Pseudonym = string & { readonly [pseudonym]: true };

/** One fact as the log stores it. `eventId` counts once, for ever. */
export type StoredEvent = {
  readonly eventId: string;
  readonly eventType: string;
  /** When it happened, by the sender's clock: metrics use this. */
  readonly timestampMs: number;
  /** When we received it, by our clock: freshness and retention use this. */
  readonly receivedAtMs: number;
  readonly userId: Pseudonym | null;
  readonly roomId: Pseudonym | null;
  readonly sessionId: Pseudonym | null;
  /** The order of the sender's events at one instant. */
  readonly sequence?: number;
  /** The position in the request; never together with a `sequence`. Fixed by the request that was accepted first. */
  readonly position?: EventPosition;
  readonly properties: Properties;
  readonly context: EventContext;
  readonly source: EventSource;
};
