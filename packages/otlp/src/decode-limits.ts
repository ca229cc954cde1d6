/**
 * The limits of one request and one record. A request beyond its limits is rejected; records and containers are counted before any record is built.
 * A record beyond its own limits is rejected alone.
 */
export const decodeLimits = {
  /** Spans, log records or metric points of one request: SDKs send 512, a collector 8,192. */
  recordsMax: 10_000,
  /** Resources, scopes and metrics of one request together: an empty one costs the sender two bytes. */
  containersMax: 10_000,
  /** Attribute values of one request together, nested ones included: 10,000 records of 50 attributes. */
  requestValuesMax: 500_000,
  /** Attributes of a record, and of a resource: the default limit of OpenTelemetry SDKs. */
  attributesMax: 128,
  /** Values of a record, nested ones included. */
  valuesMax: 512,
  /** Lists within lists: an attribute's own value is at depth 1. */
  depthMax: 16,
  /** Fields of one request, known or not, counted at each visit: an empty one costs the sender two bytes. A full request has a million. */
  fieldsMax: 5_000_000,
  /** Buckets of a histogram point: an exponential histogram has 160 by default. */
  bucketsMax: 4_096,
} as const;
