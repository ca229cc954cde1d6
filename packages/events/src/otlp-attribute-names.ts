/**
 * How an event is sent as an OpenTelemetry log record. The record's EventName is the event type and its time is `timestamp`.
 * Every attribute that is not in this table and has no dot in its name is the property of the same name.
 */

/** The attributes of one envelope field: the first name that is present is used, on the record before the resource. */
export type FieldAttributes = { readonly field: string; readonly attributes: readonly string[] };

export const envelopeAttributes = [
  { field: "eventId", attributes: ["event.id", "eventId"] },
  { field: "userId", attributes: ["user.id", "enduser.id", "userId"] },
  { field: "sessionId", attributes: ["session.id", "sessionId"] },
  { field: "roomId", attributes: ["trinity.room.id", "roomId"] },
  { field: "sequence", attributes: ["event.sequence", "sequence"] },
] as const satisfies readonly FieldAttributes[];

export const contextAttributes = [
  { field: "platform", attributes: ["context.platform", "platform", "os.name", "os.type"] },
  { field: "deviceType", attributes: ["context.deviceType", "device.type", "deviceType"] },
  { field: "appVersion", attributes: ["context.appVersion", "app.version", "appVersion", "service.version"] },
  { field: "locale", attributes: ["context.locale", "locale", "browser.language"] },
  { field: "ageBand", attributes: ["context.ageBand", "trinity.age_band", "ageBand"] },
  { field: "userAgent", attributes: ["context.userAgent", "user_agent.original", "userAgent"] },
  { field: "ipAddress", attributes: ["context.ipAddress", "client.address", "ipAddress"] },
] as const satisfies readonly FieldAttributes[];

/** A record that names no system has the system `otel` and its service as component. */
export const sourceAttributes = [
  { field: "system", attributes: ["trinity.source.system"] },
  { field: "generation", attributes: ["trinity.source.generation"] },
  { field: "component", attributes: ["trinity.source.component", "service.name"] },
] as const satisfies readonly FieldAttributes[];

/** Every attribute name of an envelope field; no property may have it. */
export const reservedAttributes: ReadonlySet<string> = new Set(
  [envelopeAttributes, contextAttributes, sourceAttributes].flat().flatMap((field: FieldAttributes) => field.attributes),
);
