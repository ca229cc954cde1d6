/**
 * What one request and one record may cost. A request beyond its limits is rejected, of records and containers before any record is built;
 * a record beyond its own is rejected alone.
 */
export const decodeLimits = {
  /** Spans, log records or metric points of one request: SDKs send 512, a collector 8,192. */
  recordsMax: 10_000,
  /** Resources, scopes and metrics of one request together: an empty one costs the sender two bytes. */
  containersMax: 10_000,
  /** Attribute values of one request together, nested ones counted: what 10,000 records of 50 attributes have. */
  requestValuesMax: 500_000,
  /** Attributes of a record, and of a resource: the limit that OpenTelemetry SDKs start from. */
  attributesMax: 128,
  /** Values of a record, nested ones counted. */
  valuesMax: 512,
  /** Lists within lists: an attribute's own value is at depth 1. */
  depthMax: 16,
  /** Fields of one request, known or not, as often as they are looked at: an empty one costs the sender two bytes. A full request has a million. */
  fieldsMax: 5_000_000,
  /** Buckets of a histogram point: an exponential histogram has 160 by default. */
  bucketsMax: 4_096,
} as const;
