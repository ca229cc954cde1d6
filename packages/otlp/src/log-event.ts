import { eventOfLogRecord } from "@trinity/events/otlp-attributes";
import type { EventCandidate } from "./event-candidate.ts";
import type { Attributes, OtlpLogRecord } from "./otlp-records.ts";
import { errorClassOf, labelOf, otelSource, serviceOf } from "./plain-text.ts";
import { severityOf } from "./severity.ts";

/** Attributes that name an event in senders without the field `EventName`. */
const eventNameAttributes = ["event.name", "otel.event.name"];

/** OpenTelemetry prefixes its event names with a namespace (`browser.page_view`); the catalogue's have none. */
const namespaced = /\./;

/**
 * Log records as events: one with an event name becomes the catalogue's event of that name, any other a `log_record` without its text.
 * An event of an instrumentation, whose name has a namespace, becomes a `log_record` too: it is no misspelt event of ours.
 * Events have milliseconds only, so those of one millisecond are sorted by their nanoseconds. All others keep their position in the request.
 * The ids are hashes of the content. Identical records of one request are that many facts, so they are numbered; the same
 * request sent again numbers them the same way.
 */
export function eventsOfLogRecords(records: readonly OtlpLogRecord[]): unknown[] {
  const seenOf = new Map<string, number>();
  return inOrderOfNanos(records).map((record) => {
    const seen = seenOf.get(record.contentHash) ?? 0;
    seenOf.set(record.contentHash, seen + 1);
    return eventOf(record, seen === 0 ? `log:${record.contentHash}` : `log:${record.contentHash}:${seen}`);
  });
}

/** Sorts records of one millisecond by their nanoseconds, among their own positions. */
function inOrderOfNanos(records: readonly OtlpLogRecord[]): readonly OtlpLogRecord[] {
  const sorted = records.toSorted(({ time: a }, { time: b }) => a.nanos - b.nanos);
  const ofMs = new Map([...Map.groupBy(sorted, ({ time }) => time.ms)].map(([ms, own]) => [ms, own.values()]));
  return records.map(({ time }) => ofMs.get(time.ms)?.next().value as OtlpLogRecord);
}

function eventOf(record: OtlpLogRecord, fallbackEventId: string): unknown {
  const { resource, time } = record;
  const eventName = record.eventName ?? eventNameAttribute(record.attributes);
  if (eventName === undefined || namespaced.test(eventName)) return plainLogEvent(record, fallbackEventId);
  const attributes = withoutEventName(record.attributes);
  return eventOfLogRecord({ eventName, timeMs: time.ms, attributes, resource: resource.attributes, fallbackEventId });
}

function plainLogEvent(record: OtlpLogRecord, eventId: string): EventCandidate {
  const { attributes, resource, severityNumber, traceId, spanId } = record;
  const scope = labelOf(record.scope.name);
  const errorType = errorClassOf(attributes["error.type"] ?? attributes["exception.type"]);
  return {
    eventId,
    eventType: "log_record",
    timestamp: record.time.ms,
    properties: {
      service: serviceOf(resource),
      severity: severityOf(record),
      ...(severityNumber >= 1 && severityNumber <= 24 && { severityNumber }),
      ...(scope !== undefined && { scope }),
      ...(errorType !== undefined && { errorType }),
      ...(traceId !== undefined && { traceId }),
      ...(spanId !== undefined && { spanId }),
    },
    source: otelSource(resource),
  };
}

function eventNameAttribute(attributes: Attributes): string | undefined {
  for (const name of eventNameAttributes) {
    const value = attributes[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

function withoutEventName(attributes: Attributes): Attributes {
  if (!eventNameAttributes.some((name) => name in attributes)) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !eventNameAttributes.includes(name)));
}
