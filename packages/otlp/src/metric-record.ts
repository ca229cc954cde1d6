import { conversionOf, pointStateOf, watchedMetric } from "@trinity/events/watched-metric";
import { RecordDraft } from "./attribute-tree.ts";
import { decodeLimits } from "./decode-limits.ts";
import type { MetricKind, OtlpMetricPoint, Temporality } from "./otlp-records.ts";
import type { RecordContext } from "./record-context.ts";
import type { RejectionCode } from "./rejection.ts";
import { epoch, isUnset, isWithinYear9999, type UnixNanos } from "./unix-nanos.ts";

/** The common fields of the points of one metric. */
export type MetricHead = {
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  /** The number in the protocol: 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly monotonic: boolean;
};

/** A metric point of either encoding, before its rules are checked. */
export class PointDraft extends RecordDraft {
  start: UnixNanos = epoch;
  time: UnixNanos = epoch;
  value: number | undefined;
  /** Undefined until it was read; NaN if it was no count. */
  count: number | undefined;
  sum: number | undefined;
  noRecordedValue = false;
  /** Buckets of a histogram, all of them, the zero bucket of an exponential one included. */
  bucketCount = 0;
  /** The sum of the bucket counts. */
  bucketSum = 0;
  readonly bounds: number[] = [];

  addBucket(count: number): void {
    if (!isCount(count)) this.reject("bad_count");
    if (++this.bucketCount > decodeLimits.bucketsMax) this.reject("too_many_buckets");
    this.bucketSum += count;
  }

  addBound(bound: number): void {
    if (this.bounds.length >= decodeLimits.bucketsMax) this.reject("too_many_buckets");
    else this.bounds.push(bound);
  }
}

const temporalities: readonly Temporality[] = ["unspecified", "delta", "cumulative"];
const temporalKinds: ReadonlySet<MetricKind> = new Set(["sum", "histogram", "exponential_histogram"]);

/** @returns a function that turns a draft of this metric into a point, or returns the first broken rule */
export function finishPointOf(head: MetricHead): (draft: PointDraft, context: RecordContext) => OtlpMetricPoint | RejectionCode {
  return (draft, context) => finishPoint(draft, head, context);
}

function finishPoint(draft: PointDraft, head: MetricHead, context: RecordContext): OtlpMetricPoint | RejectionCode {
  const fault =
    draft.fault ??
    (head.name === "" ? "name_missing" : undefined) ??
    timeFault(draft) ??
    valueFault(draft, head.kind) ??
    meaningFault(head) ??
    stateFault(draft, head);
  if (fault !== undefined) return fault;
  const hasCount = !isNumberKind(head.kind) && !draft.noRecordedValue;
  return {
    resource: context.resource,
    scope: context.scope,
    attributes: draft.attributes,
    ...(draft.leftOut !== undefined && { leftOut: draft.leftOut }),
    metric: head.name,
    unit: head.unit,
    kind: head.kind,
    start: isUnset(draft.start) ? undefined : draft.start,
    time: draft.time,
    value: draft.noRecordedValue ? undefined : draft.value,
    count: hasCount ? (draft.count ?? 0) : undefined,
    sum: hasCount ? draft.sum : undefined,
    temporality: temporalKinds.has(head.kind) ? (temporalities[head.temporality] ?? "unspecified") : undefined,
    monotonic: head.kind === "sum" ? head.monotonic : undefined,
  };
}

function timeFault({ start, time }: PointDraft): RejectionCode | undefined {
  if (isUnset(time)) return "time_missing";
  if (!isWithinYear9999(time) || !isWithinYear9999(start)) return "time_out_of_range";
  const startsLater = start.ms > time.ms || (start.ms === time.ms && start.nanos > time.nanos);
  return startsLater ? "start_after_time" : undefined;
}

function valueFault(draft: PointDraft, kind: MetricKind): RejectionCode | undefined {
  if (draft.noRecordedValue) return undefined;
  if (isNumberKind(kind)) {
    if (draft.value === undefined) return "value_missing";
    return Number.isFinite(draft.value) ? undefined : "bad_number";
  }
  if (!isCount(draft.count ?? 0)) return "bad_count";
  if (draft.sum !== undefined && !Number.isFinite(draft.sum)) return "bad_number";
  return bucketsFit(draft, kind) ? undefined : "bad_histogram";
}

/** A watched metric must be unambiguous: no later check would notice milliseconds read as seconds. */
function meaningFault({ name, unit, kind, temporality, monotonic }: MetricHead): RejectionCode | undefined {
  const watched = watchedMetric(name);
  if (watched === undefined) return undefined;
  if (conversionOf(watched, unit) === undefined) return "unknown_unit";
  const isUnspecified = temporalKinds.has(kind) && (temporalities[temporality] ?? "unspecified") === "unspecified";
  if (isUnspecified) return "temporality_unknown";
  return kind === "sum" && !monotonic && temporalities[temporality] === "delta" ? "level_unknown" : undefined;
}

/** An unknown state, and two of different kinds, may be use or rest: neither gives a number. */
function stateFault({ attributes }: PointDraft, { name }: MetricHead): RejectionCode | undefined {
  const watched = watchedMetric(name);
  return watched !== undefined && pointStateOf(watched, attributes) === "unknown" ? "unknown_state" : undefined;
}

/** metrics.proto: no buckets at all, or one more than the strictly increasing bounds, and bucket counts that add up to `count`. */
function bucketsFit({ bounds, bucketCount, bucketSum, count }: PointDraft, kind: MetricKind): boolean {
  if (kind === "summary" || (bucketCount === 0 && bounds.length === 0)) return true;
  if (bucketSum !== (count ?? 0)) return false;
  if (kind === "exponential_histogram") return true;
  return bucketCount === bounds.length + 1 && bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] as number));
}

function isNumberKind(kind: MetricKind): boolean {
  return kind === "gauge" || kind === "sum";
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
