import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, flag, label, listItemsMax, spanId, traceId, word } from "../property-types.ts";

/** OpenTelemetry signals, as events like all others. Free text (bodies, messages, statements) is removed before the log. */

const service = plain(label, "which service");
/** At most a week: durations are summed, and a clock that is centuries wrong would make the sum too large to be exact. */
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
    kind: plain(z.enum(["server", "client", "internal", "producer", "consumer"]), "separates requests served from calls made"),
    statusClass: plain(z.enum(["1xx", "2xx", "3xx", "4xx", "5xx", "ok", "error", "unset"]).optional(), "how it ended, by class"),
    failed: plain(flag, "the numerator of the error rate"),
    durationUs: plain(spanDurationUs, "how long it took, in microseconds"),
    traceId: plain(traceId, "identifies the trace it belongs to"),
    spanId: plain(spanId, "identifies the span"),
    parentSpanId: plain(spanId.optional(), "identifies the span that called it"),
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
    severity: plain(word, "how severe the record is"),
    severityNumber: plain(z.int().min(0).max(24).optional(), "the severity on OpenTelemetry's scale"),
    scope: plain(label.optional(), "which logger wrote it"),
    errorType: plain(label.optional(), "the class of the failure"),
    traceId: plain(traceId.optional(), "identifies the trace it belongs to"),
    spanId: plain(spanId.optional(), "identifies the span it belongs to"),
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
    kind: plain(z.enum(["sum", "gauge", "histogram", "exponential_histogram", "summary"]), "how points are aggregated"),
    unit: plain(word.optional(), "its unit"),
    value: plain(z.number().optional(), "the value of a sum or gauge"),
    count: plain(count.optional(), "number of observations of a histogram or summary"),
    sum: plain(z.number().optional(), "sum of these observations"),
    temporality: plain(
      z.enum(["delta", "cumulative", "unspecified"]).optional(),
      "whether it counts since the last point or since the start",
    ),
    monotonic: plain(flag.optional(), "whether a decrease means a restart"),
    series: plain(word.optional(), "digest of the stream it belongs to, for points that only have a meaning together"),
    startMs: plain(z.int().nonnegative().optional(), "when its stream began to count, if that is known and before the point"),
    state: plain(word.optional(), "which state of the resource it counts, such as `idle`"),
    attributes: plain(z.array(label).max(listItemsMax).optional(), "separates series: `key=value` pairs from an allow-list"),
  },
});

export const systemEvents = [span, logRecord, metricPoint];
