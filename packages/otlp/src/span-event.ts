import type { EventCandidate } from "./event-candidate.ts";
import type { AttributeValue, OtlpSpan } from "./otlp-records.ts";
import { errorClassOf, operationNameOf, otelSource, serviceOf, wordOf } from "./plain-text.ts";
import { outcomeOf } from "./span-outcome.ts";
import { routeOf } from "./span-route.ts";

/** One span as the catalogue's event `span`. Its id is the span's own, so a batch that is sent again counts once. */
export function eventOfSpan(span: OtlpSpan): EventCandidate {
  const { attributes } = span;
  const route = routeOf(span);
  const name = operationNameOf(span.name);
  const system = wordOf(attributes["db.system.name"] ?? attributes["rpc.system.name"] ?? attributes["messaging.system"]);
  const errorType = errorClassOf(attributes["error.type"]);
  // Set one by one: a spread for each optional property costs more than everything else.
  const properties: Record<string, AttributeValue> = { service: serviceOf(span.resource), kind: span.kind };
  const { statusClass, failed } = outcomeOf(span);
  if (route !== undefined) properties.route = route;
  // A name that became the route is redundant.
  if (name !== undefined && name !== route) properties.name = name;
  properties.statusClass = statusClass;
  properties.failed = failed;
  properties.durationUs = span.durationUs;
  properties.traceId = span.traceId;
  properties.spanId = span.spanId;
  if (span.parentSpanId !== undefined) properties.parentSpanId = span.parentSpanId;
  if (system !== undefined) properties.system = system;
  if (errorType !== undefined) properties.errorType = errorType;
  return {
    eventId: `span:${span.traceId}:${span.spanId}`,
    eventType: "span",
    timestamp: span.start.ms,
    properties,
    source: otelSource(span.resource),
  };
}
