import {
  contextAttributes,
  envelopeAttributes,
  type FieldAttributes,
  reservedAttributes,
  sourceAttributes,
} from "./otlp-attribute-names.ts";

/** An OTLP log record with an EventName, decoded: attribute values are JSON values. */
export type EventLogRecord = {
  readonly eventName: string;
  readonly timeMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  /** Used if the record has no event id. The same record must get the same id each time it is sent. */
  readonly fallbackEventId: string;
};

/** @returns a candidate for `parseEvent`; nothing is checked here */
export function eventOfLogRecord(record: EventLogRecord): unknown {
  const envelope = readFields(envelopeAttributes, record);
  return {
    ...envelope,
    eventId: envelope["eventId"] ?? record.fallbackEventId,
    ...(envelope["sequence"] === undefined ? {} : { sequence: integerOf(envelope["sequence"]) }),
    eventType: record.eventName,
    timestamp: record.timeMs,
    properties: propertiesOf(record.attributes),
    context: readFields(contextAttributes, record),
    source: { system: "otel", ...readFields(sourceAttributes, record) },
  };
}

function readFields(fields: readonly FieldAttributes[], record: EventLogRecord): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { field, attributes } of fields) {
    const name = attributes.find((attribute) => has(record.attributes, attribute));
    const resourceName = attributes.find((attribute) => attribute.includes(".") && has(record.resource, attribute));
    if (name !== undefined) found[field] = textOf(record.attributes[name]);
    else if (resourceName !== undefined) found[field] = textOf(record.resource[resourceName]);
  }
  return found;
}

function has(attributes: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(attributes, name) && attributes[name] !== null && attributes[name] !== undefined;
}

// OpenTelemetry SDKs keep the type that a program uses: an id or version may arrive as a number.
function textOf(value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

// OTLP's JSON writes integers of 64 bits as text.
function integerOf(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
}

/**
 * No property has a dot in its name. The attributes that SDKs add by themselves have one (`code.function`, `thread.id`):
 * they are no properties of the event and are dropped.
 */
function propertiesOf(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Without a prototype, so that an attribute named __proto__ stays a name that parseEvent rejects.
  const properties: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(attributes)) {
    if (!reservedAttributes.has(name) && !name.includes(".")) properties[name] = attributes[name];
  }
  return properties;
}
