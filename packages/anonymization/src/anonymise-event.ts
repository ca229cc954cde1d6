import { findDefinition } from "@trinity/events/catalogue";
import type { EventContext, Properties, PropertyValue, ReportedContext, ReportedEvent, StoredEvent } from "@trinity/events/event";
import type { EventPosition } from "@trinity/events/event-order";
import { base32 } from "@trinity/runtime/base32";
import { eventKeyOf, isDigestId } from "./event-key.ts";
import type { Pseudonymiser } from "./pseudonym.ts";

export type AnonymousEvent = { readonly key: Buffer; readonly event: StoredEvent };

/**
 * Takes everything out of an event that names a person: ids become pseudonyms, the address and the user agent are dropped, and so is
 * every property that the catalogue calls free text. Nothing behind this function has seen more.
 * @param position as `positionsOf` returns it: undefined for an event with a sequence
 */
export function anonymiseEvent(
  reported: ReportedEvent,
  receivedAtMs: number,
  pseudonymiser: Pseudonymiser,
  position?: EventPosition,
): AnonymousEvent {
  const { eventType, timestampMs, sequence, source } = reported;
  const key = eventKeyOf(reported.eventId, pseudonymiser);
  const eventId = revealsIdentity(reported) ? `e_${base32(key)}` : reported.eventId;
  const userId = reported.userId === null ? null : pseudonymiser.pseudonymOf("user", reported.userId);
  const roomId = reported.roomId === null ? null : pseudonymiser.pseudonymOf("room", reported.roomId);
  const sessionId = reported.sessionId === null ? null : pseudonymiser.pseudonymOf("session", reported.sessionId);
  const properties = anonymousProperties(reported, pseudonymiser);
  const context = coarseContext(reported.context);
  // Written out, because copying properties costs more than all the rest of this function. An event has a sequence, a position or neither.
  let event: StoredEvent;
  if (sequence !== undefined) {
    event = { eventId, eventType, timestampMs, receivedAtMs, userId, roomId, sessionId, sequence, properties, context, source };
  } else if (position !== undefined) {
    event = { eventId, eventType, timestampMs, receivedAtMs, userId, roomId, sessionId, properties, context, source, position };
  } else event = { eventId, eventType, timestampMs, receivedAtMs, userId, roomId, sessionId, properties, context, source };
  return { key, event };
}

// Connectors build event ids from the ids of the fact, `vote:<room>:<user>:<title>`, and the id of a log record is a plain hash of its text,
// which whoever guesses the text can compute: such ids are as telling as what they are made of. An id that looks like a digest of ours would be
// taken for one, and so for the key of another event.
function revealsIdentity({ eventId, userId, roomId, sessionId }: ReportedEvent): boolean {
  if (isDigestId(eventId)) return true;
  return eventId.startsWith("log:") || contains(eventId, userId) || contains(eventId, roomId) || contains(eventId, sessionId);
}

function contains(eventId: string, id: string | null): boolean {
  return id !== null && id.length <= eventId.length && eventId.includes(id);
}

function anonymousProperties({ eventType, properties }: ReportedEvent, pseudonymiser: Pseudonymiser): Properties {
  const personal = personalFields(eventType);
  if (personal.size === 0) return properties;
  const kept: [string, PropertyValue][] = [];
  for (const [name, value] of Object.entries(properties)) {
    const privacy = personal.get(name);
    if (privacy === undefined) kept.push([name, value]);
    else if (privacy === "identifier") kept.push([name, pseudonymiser.pseudonymOf("property", String(value))]);
  }
  return Object.fromEntries(kept);
}

const personalByType = new Map<string, ReadonlyMap<string, "identifier" | "free-text">>();

/** The fields of an event type that do not pass as they are. */
function personalFields(eventType: string): ReadonlyMap<string, "identifier" | "free-text"> {
  let personal = personalByType.get(eventType);
  if (personal === undefined) {
    const fields = Object.entries(findDefinition(eventType)?.fields ?? {});
    personal = new Map(
      fields.flatMap(([name, { privacy }]) => (privacy === "identifier" || privacy === "free-text" ? [[name, privacy]] : [])),
    );
    personalByType.set(eventType, personal);
  }
  return personal;
}

/** What of the context is kept. */
export const contextNames = [
  "platform",
  "deviceType",
  "appVersion",
  "locale",
  "ageBand",
] as const satisfies readonly (keyof EventContext)[];

function coarseContext(context: ReportedContext): EventContext {
  const coarse: { -readonly [Name in keyof EventContext]: EventContext[Name] } = {};
  for (const name of contextNames) {
    const text = context[name];
    if (text !== undefined) coarse[name] = text;
  }
  return coarse;
}
