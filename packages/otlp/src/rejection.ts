/** Why one record was rejected while others were accepted. */
export const rejectionMessages = {
  bad_trace_id: "traceId must be 16 bytes (32 hex digits), not all zero",
  bad_span_id: "spanId must be 8 bytes (16 hex digits), not all zero",
  bad_parent_span_id: "parentSpanId must be empty or 8 bytes (16 hex digits)",
  bad_enum: "an enum must be an integer",
  bad_type: "a field has another type than OTLP gives it",
  bad_key: "an attribute must not be named __proto__",
  bad_value: "an attribute value must hold exactly one well-formed value",
  bad_number: "a number must be finite and within its 64 bits",
  bad_time: "a time must be a count of nanoseconds in 64 bits",
  time_missing: "a record needs its time",
  time_out_of_range: "a time must lie before the year 10000",
  end_before_start: "a span must not end before it starts",
  start_after_time: "a metric point must not start after its own time",
  name_missing: "a metric needs a name",
  value_missing: "a metric point needs a value",
  unknown_unit: "a watched metric needs a UCUM unit of its quantity, such as s, ms, By, MiBy, 1 or %, or none for that of the conventions",
  unknown_state:
    "a watched share must be split by states that are known as use or rest, such as user, system, idle, used or free, and those of one point must not contradict each other",
  temporality_unknown: "a watched sum or histogram must say whether it is cumulative or a delta",
  level_unknown: "a watched level must be a gauge or a cumulative sum: a change says nothing without it",
  bad_count: "a count must be a whole number from 0 to 2^53 - 1",
  bad_histogram: "a histogram needs one more bucket than bounds, rising bounds, and buckets that add up to its count",
  too_many_buckets: "a histogram point may have 4096 buckets",
  too_deep: "attribute values may nest 16 levels deep",
  too_many_attributes: "a record may have 128 attributes",
  too_many_values: "a record may have 512 attribute values, nested ones counted",
  bad_resource: "the resource of the record could not be read",
} as const;

export type RejectionCode = keyof typeof rejectionMessages;

/** The rejections of one request. The keys of `byCode` are closed, so it can be a metric. */
export type Rejections = {
  readonly count: number;
  readonly byCode: Readonly<Partial<Record<RejectionCode, number>>>;
  /** For people: the first fault, and how many records share the answer. Undefined when nothing was rejected. */
  readonly firstMessage: string | undefined;
};

export class RejectionCounter implements Rejections {
  count = 0;
  readonly byCode: Partial<Record<RejectionCode, number>> = {};
  firstMessage: string | undefined;

  add(code: RejectionCode): void {
    this.count++;
    this.byCode[code] = (this.byCode[code] ?? 0) + 1;
    this.firstMessage ??= `${code}: ${rejectionMessages[code]}`;
  }
}
