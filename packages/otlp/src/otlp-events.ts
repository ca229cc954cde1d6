import { eventsOfLogRecords } from "./log-event.ts";
import { eventOfMetricPoint } from "./metric-event.ts";
import type { OtlpRecordOf, OtlpSignal } from "./otlp-records.ts";
import { eventOfSpan } from "./span-event.ts";

const eventsOf: { readonly [Signal in OtlpSignal]: (records: readonly OtlpRecordOf[Signal][]) => unknown[] } = {
  traces: (records) => records.map(eventOfSpan),
  logs: eventsOfLogRecords,
  metrics: (records) => records.map(eventOfMetricPoint),
};

/**
 * The records of one request as candidates for `parseEvent` of the catalogue, one event each, nothing checked. They keep their order, except that
 * log records of one millisecond are ordered by their nanoseconds.
 * The ids depend only on the content, so the same request gives the same ids in either encoding.
 */
export function eventsOfRecords<Signal extends OtlpSignal>(signal: Signal, records: readonly OtlpRecordOf[Signal][]): unknown[] {
  return eventsOf[signal](records);
}
