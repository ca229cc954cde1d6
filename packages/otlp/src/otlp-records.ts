import type { Rejections } from "./rejection.ts";
import type { UnixNanos } from "./unix-nanos.ts";

/**
 * The records of a request, the same types for both encodings.
 * Integers beyond 2^53 are decimal strings, bytes are base64, a list becomes a list of strings, a key-value list becomes its JSON text.
 */
export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type OtlpResource = {
  /** `service.name`; undefined when the sender did not say. */
  readonly serviceName: string | undefined;
  readonly attributes: Attributes;
  /** Attributes with a number that is not finite, as texts: used for the identity only. */
  readonly leftOut?: Attributes;
};

export type OtlpScope = { readonly name: string; readonly version: string };

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";
export type SpanStatus = "unset" | "ok" | "error";

export type OtlpSpan = {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  /** Only those that `span-attributes.ts` lists, by their present names; the others are checked and dropped. */
  readonly attributes: Attributes;
  /** 32 and 16 hex digits, lower case. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: UnixNanos;
  /** Exact, rounded down. */
  readonly durationUs: number;
  readonly status: SpanStatus;
};

export type OtlpLogRecord = {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  readonly attributes: Attributes;
  /** The `EventName` field; undefined for an ordinary record. */
  readonly eventName: string | undefined;
  /** When it happened; if the sender did not say, when it was observed. */
  readonly time: UnixNanos;
  /** 1 to 24; 0 when the sender did not say. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** Digest of the complete record, the body included: the body itself goes no further. */
  readonly contentHash: string;
};

export type MetricKind = "gauge" | "sum" | "histogram" | "exponential_histogram" | "summary";
export type Temporality = "delta" | "cumulative" | "unspecified";

export type OtlpMetricPoint = {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  readonly attributes: Attributes;
  /** Attributes with a number that is not finite, as texts: used for the identity only. */
  readonly leftOut?: Attributes;
  readonly metric: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly start: UnixNanos | undefined;
  readonly time: UnixNanos;
  /** Of a gauge or sum; undefined if the point has the flag "no recorded value". */
  readonly value: number | undefined;
  /** Of a distribution. */
  readonly count: number | undefined;
  readonly sum: number | undefined;
  /** Of a sum, histogram or exponential histogram. */
  readonly temporality: Temporality | undefined;
  readonly monotonic: boolean | undefined;
};

export type OtlpSignal = "traces" | "logs" | "metrics";
export type OtlpRecordOf = { readonly traces: OtlpSpan; readonly logs: OtlpLogRecord; readonly metrics: OtlpMetricPoint };

/** One decoded request: received = records + rejections. */
export type OtlpBatch<Signal extends OtlpSignal> = {
  readonly records: readonly OtlpRecordOf[Signal][];
  readonly rejections: Rejections;
  /** JSON keys that OTLP does not define there (snake_case ones, or another kind of body): a reason to warn. */
  readonly ignoredKeys: number;
};
