import { findDefinition } from "./catalogue.ts";
import type { ReportedEvent } from "./event.ts";
import { parseContext, parseSource } from "./event-context.ts";
import type { EventRejection, RejectionCode } from "./event-rejection.ts";
import { parseProperties } from "./parse-properties.ts";
import { isShortText } from "./short-text.ts";
import { parseTimestamp } from "./timestamp.ts";

/** The moment of receipt, and the allowed distance of an event from it. */
export type ParseRules = {
  readonly nowMs: number;
  /** `Infinity` accepts events of any age. */
  readonly eventAgeMaxMs: number;
};

export type ParsedEvent =
  | { readonly ok: true; readonly event: ReportedEvent; readonly droppedProperties: number }
  | { readonly ok: false; readonly rejection: EventRejection };

/** How far a sender's clock may be ahead of ours. */
const aheadMaxMs = 5 * 60_000;

const idCharactersMax = 256;
const eventIdForm = /^[\x20-\x7e]{1,64}$/;

/**
 * The only way in: parses a candidate into an event of the catalogue, or returns a rejection.
 * Checks the envelope by hand and stops at the first problem, because every event of every batch passes here.
 * Unknown names outside `properties` are ignored. Never throws, for any JSON.
 * @param candidate one element of a batch, decoded from JSON or built from an OTLP record
 */
export function parseEvent(candidate: unknown, rules: ParseRules): ParsedEvent {
  if (typeof candidate !== "object" || candidate === null || Array.isArray(candidate)) {
    return refused(null, "not_an_object", "", "must be an object");
  }
  const { eventId, eventType, timestamp, userId, roomId, sessionId, sequence, properties, context, source } = candidate as Record<
    string,
    unknown
  >;

  if (eventId === undefined || eventId === null) {
    return refused(null, "missing_event_id", "eventId", "is required: without it a repeat would count twice");
  }
  if (typeof eventId !== "string" || !eventIdForm.test(eventId)) {
    return refused(null, "invalid_event_id", "eventId", "must be 1 to 64 printable ASCII characters");
  }
  const definition = typeof eventType === "string" ? findDefinition(eventType) : undefined;
  if (definition === undefined) return refused(eventId, "unknown_event_type", "eventType", "must be a type of the event catalogue");

  const timestampMs = parseTimestamp(timestamp);
  if (timestampMs === null) return refused(eventId, "invalid_timestamp", "timestamp", timestampRule);
  if (timestampMs < 0) return refused(eventId, "too_old", "timestamp", "must not lie before 1970");
  if (timestampMs < rules.nowMs - rules.eventAgeMaxMs) {
    return refused(eventId, "too_old", "timestamp", `must not be more than ${rules.eventAgeMaxMs} ms in the past`);
  }
  if (timestampMs > rules.nowMs + aheadMaxMs) {
    return refused(eventId, "too_new", "timestamp", `must not be more than ${aheadMaxMs} ms in the future`);
  }

  if (!isId(userId)) return refused(eventId, "invalid_field", "userId", idRule);
  if (!isId(roomId)) return refused(eventId, "invalid_field", "roomId", idRule);
  if (!isId(sessionId)) return refused(eventId, "invalid_field", "sessionId", idRule);
  if (!isSequence(sequence)) return refused(eventId, "invalid_field", "sequence", sequenceRule);

  const knownContext = parseContext(context);
  if (!knownContext.ok) return { ok: false, rejection: { eventId, ...knownContext.problem } };
  const knownSource = parseSource(source);
  if (!knownSource.ok) return { ok: false, rejection: { eventId, ...knownSource.problem } };
  const known = parseProperties(definition, properties);
  if (!known.ok) return { ok: false, rejection: { eventId, ...known.problem } };

  const event: ReportedEvent = {
    eventId,
    eventType: definition.eventType,
    timestampMs,
    userId: userId ?? null,
    roomId: roomId ?? null,
    sessionId: sessionId ?? null,
    ...(sequence === undefined || sequence === null ? {} : { sequence }),
    properties: known.properties,
    context: knownContext.value,
    source: knownSource.value,
  };
  return { ok: true, event, droppedProperties: known.dropped };
}

const timestampRule = "must be an RFC 3339 time with offset, such as 2026-11-22T20:15:04.120Z, or integer Unix milliseconds";
const idRule = `must be null or a string of 1 to ${idCharactersMax} characters without control characters`;
const sequenceRule = `must be null or an integer from 0 to ${Number.MAX_SAFE_INTEGER}`;

function isSequence(value: unknown): value is number | null | undefined {
  return value === undefined || value === null || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function isId(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || isShortText(value, idCharactersMax);
}

function refused(eventId: string | null, code: RejectionCode, path: string, message: string): ParsedEvent {
  return { ok: false, rejection: { code, eventId, path, message } };
}
