import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, flag, label, listItemsMax, spanId, traceId, word } from "../property-types.ts";

/** OpenTelemetry signals on the same path as everything else. Free text (bodies, messages, statements) ends before the log. */

const service = plain(label, "which service");
/** A week: durations are added up, and a clock that is centuries wrong would take the sum beyond what a number keeps exactly. */
const spanDurationUs = z
  .int()
  .min(0)
  .max(7 * 86_400_000_000);

export const span = defineEvent({
  eventType: "span",
  description: "One finished operation of a service.",
  senders: ["otel"],
  userAction: false,
  fields: {
    service,
    route: plain(label.optional(), "which route, RPC method or GraphQL operation: a pattern, never a raw URL"),
    name: plain(label.optional(), "which operation, by a name of low cardinality"),
    kind: plain(z.enum(["server", "client", "internal", "producer", "consumer"]), "requests served apart from calls made"),
    statusClass: plain(z.enum(["1xx", "2xx", "3xx", "4xx", "5xx", "ok", "error", "unset"]).optional(), "how it ended, by class"),
    failed: plain(flag, "the numerator of the error rate"),
    durationUs: plain(spanDurationUs, "how long it took, in microseconds"),
    traceId: plain(traceId, "the request it belongs to"),
    spanId: plain(spanId, "itself"),
    parentSpanId: plain(spanId.optional(), "what called it"),
    system: plain(word.optional(), "the database, RPC or messaging system that was called"),
    errorType: plain(label.optional(), "the class of the failure"),
  },
});

const logRecord = defineEvent({
  eventType: "log_record",
  description: "One log line of a service, without its text.",
  senders: ["otel"],
  userAction: false,
  fields: {
    service,
    severity: plain(word, "how bad it is"),
    severityNumber: plain(z.int().min(0).max(24).optional(), "the same on OpenTelemetry's scale"),
    scope: plain(label.optional(), "which logger wrote it"),
    errorType: plain(label.optional(), "the class of the failure"),
    traceId: plain(traceId.optional(), "the request it belongs to"),
    spanId: plain(spanId.optional(), "the operation it belongs to"),
  },
});

const metricPoint = defineEvent({
  eventType: "metric_point",
  description: "One data point of a metric.",
  senders: ["otel"],
  userAction: false,
  fields: {
    service,
    metric: plain(label, "which metric"),
    kind: plain(z.enum(["sum", "gauge", "histogram", "exponential_histogram", "summary"]), "how points add up"),
    unit: plain(word.optional(), "its unit"),
    value: plain(z.number().optional(), "the value of a sum or gauge"),
    count: plain(count.optional(), "observations of a histogram or summary"),
    sum: plain(z.number().optional(), "their sum"),
    temporality: plain(z.enum(["delta", "cumulative", "unspecified"]).optional(), "since the last point or since the start"),
    monotonic: plain(flag.optional(), "whether a fall means a restart"),
    series: plain(word.optional(), "digest of the stream it belongs to, where its points mean something only together"),
    startMs: plain(z.int().nonnegative().optional(), "when its stream began to count, where that is known and before the point"),
    state: plain(word.optional(), "which part of an observation it is, such as `idle`"),
    attributes: plain(z.array(label).max(listItemsMax).optional(), "`key=value` pairs from an allow-list: series apart"),
  },
});

export const systemEvents = [span, logRecord, metricPoint];
