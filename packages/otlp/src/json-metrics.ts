import { readAttributes, recordList } from "./json-attributes.ts";
import { isJsonObject, type JsonObject, listAt, objectAt } from "./json-shape.ts";
import { countField, doubleField, enumField, flagField, int64Field, textField, timeField } from "./json-values.ts";
import { type MetricHead, PointDraft } from "./metric-record.ts";
import type { MetricKind } from "./otlp-records.ts";

const dataKeys = {
  gauge: "gauge",
  sum: "sum",
  histogram: "histogram",
  exponential_histogram: "exponentialHistogram",
  summary: "summary",
} as const satisfies Record<MetricKind, string>;
const kinds = Object.keys(dataKeys) as MetricKind[];
const noRecordedValue = 1;

/** The points of one metric, each with its kind. @throws {OtlpDecodeError} if it has no such shape */
export function pointsOf(
  metric: JsonObject,
): { readonly kind: MetricKind; readonly data: JsonObject; readonly points: readonly unknown[] }[] {
  const present = kinds.filter((kind) => metric[dataKeys[kind]] !== undefined && metric[dataKeys[kind]] !== null);
  return present.map((kind) => {
    const data = objectAt(metric[dataKeys[kind]], dataKeys[kind]);
    return { kind, data, points: listAt(data.dataPoints, `${dataKeys[kind]}.dataPoints`) };
  });
}

export function readMetric(metric: JsonObject, take: (draft: PointDraft, head: MetricHead) => void): void {
  for (const { kind, data, points } of pointsOf(metric)) {
    for (const point of points) {
      const draft = new PointDraft();
      const head: MetricHead = {
        name: textField(metric.name, draft),
        unit: textField(metric.unit, draft),
        kind,
        temporality: enumField(data.aggregationTemporality, draft),
        monotonic: flagField(data.isMonotonic, draft),
      };
      if (isJsonObject(point)) readPoint(point, kind, draft);
      else draft.reject("bad_type");
      take(draft, head);
    }
  }
}

function readPoint(point: JsonObject, kind: MetricKind, draft: PointDraft): void {
  draft.start = timeField(point.startTimeUnixNano, draft);
  draft.time = timeField(point.timeUnixNano, draft);
  draft.noRecordedValue = (enumField(point.flags, draft) & noRecordedValue) !== 0;
  readAttributes(point.attributes, draft);
  if (kind === "gauge" || kind === "sum") return readNumber(point, draft);
  draft.count = countField(point.count, draft);
  if (isPresent(point.sum)) draft.sum = doubleField(point.sum);
  if (kind === "histogram") readBuckets(point, draft);
  else if (kind === "exponential_histogram") readExponentialBuckets(point, draft);
}

function readNumber(point: JsonObject, draft: PointDraft): void {
  if (isPresent(point.asDouble) && isPresent(point.asInt)) draft.reject("bad_value");
  else if (isPresent(point.asDouble)) draft.value = doubleField(point.asDouble);
  else if (isPresent(point.asInt)) draft.value = Number(int64Field(point.asInt, draft));
}

function readBuckets(point: JsonObject, draft: PointDraft): void {
  for (const count of recordList(point.bucketCounts, draft)) {
    if (draft.fault !== undefined) return;
    draft.addBucket(countField(count, draft));
  }
  for (const bound of recordList(point.explicitBounds, draft)) {
    if (draft.fault !== undefined) return;
    draft.addBound(doubleField(bound));
  }
}

function readExponentialBuckets(point: JsonObject, draft: PointDraft): void {
  if (isPresent(point.zeroCount)) draft.addBucket(countField(point.zeroCount, draft));
  for (const side of [point.positive, point.negative]) {
    const buckets = isJsonObject(side) ? side.bucketCounts : undefined;
    if (isPresent(side) && !isJsonObject(side)) draft.reject("bad_type");
    for (const count of recordList(buckets, draft)) {
      if (draft.fault !== undefined) return;
      draft.addBucket(countField(count, draft));
    }
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
