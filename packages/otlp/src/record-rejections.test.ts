import { describe, expect, test } from "vitest";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { parentSpanId, spanId, taken, traceId } from "./otlp-requests.testing.ts";
import { attributeField, bytesField, doubleField, fixed64Field, nestedValue, requestOf } from "./protobuf-fields.testing.ts";
import { messageField, textField, varintField } from "./protobuf-writer.ts";
import type { RejectionCode } from "./rejection.ts";

const time = "1795378504120456789";
const later = "1795378504122957788";
const tooLate = "253402300800000000000"; // the first instant of the year 10000: no 64 bits hold it
const span = { traceId, spanId, name: "join", kind: 2, startTimeUnixNano: time, endTimeUnixNano: later };
const log = { timeUnixNano: time, body: { stringValue: "text" } };
const point = { startTimeUnixNano: time, timeUnixNano: later };

const spansJson = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const logsJson = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const metricsJson = (...metrics: unknown[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
const gaugeJson = (fields: unknown) => metricsJson({ name: "g", gauge: { dataPoints: [{ ...point, ...(fields as object) }] } });
const histogramJson = (fields: unknown) => metricsJson({ name: "h", histogram: { dataPoints: [{ ...point, ...(fields as object) }] } });

function rejectionsOfJson(signal: OtlpSignal, body: unknown) {
  const { records, rejections } = taken(decodeOtlpJson(signal, body));
  return { taken: records.length, ...rejections };
}

describe("one bad record of a JSON request is rejected with its reason, and the other is accepted", () => {
  test.each<[string, object, RejectionCode]>([
    ["a trace id of 15 bytes", { traceId: traceId.slice(2) }, "bad_trace_id"],
    ["a trace id of zeros", { traceId: "0".repeat(32) }, "bad_trace_id"],
    ["a trace id that is no hex", { traceId: "z".repeat(32) }, "bad_trace_id"],
    ["a trace id in base64", { traceId: "W47/95gDgQPSabYzgT/GDA==" }, "bad_trace_id"],
    ["no trace id", { traceId: undefined }, "bad_trace_id"],
    ["a trace id that is a number", { traceId: 5 }, "bad_type"],
    ["a span id of zeros", { spanId: "0".repeat(16) }, "bad_span_id"],
    ["a parent id of 4 bytes", { parentSpanId: "eee19b7e" }, "bad_parent_span_id"],
    ["an end before its start", { startTimeUnixNano: later, endTimeUnixNano: time }, "end_before_start"],
    ["a start at 0", { startTimeUnixNano: "0" }, "time_missing"],
    ["no end", { endTimeUnixNano: undefined }, "time_missing"],
    ["the last 64-bit time", { endTimeUnixNano: "18446744073709551615" }, "time_out_of_range"],
    ["a time beyond 64 bits", { endTimeUnixNano: tooLate }, "bad_time"],
    ["a time of -1", { startTimeUnixNano: "-1" }, "bad_time"],
    ["a time of 1.5", { startTimeUnixNano: 1.5 }, "bad_time"],
    ["a time as ISO text", { startTimeUnixNano: "2026-11-22T20:15:04Z" }, "bad_time"],
    ["a kind by its name", { kind: "SPAN_KIND_SERVER" }, "bad_enum"],
    ["a name that is a list", { name: ["join"] }, "bad_type"],
    ["attributes that are a map", { attributes: { a: 1 } }, "bad_type"],
    ["a status that is a text", { status: "ok" }, "bad_type"],
    [
      "129 attributes",
      { attributes: Array.from({ length: 129 }, (_, n) => ({ key: `k${n}`, value: { intValue: n } })) },
      "too_many_attributes",
    ],
    ["an event whose attribute nests too deep", { events: [{ attributes: [{ key: "a", value: nestedJson(17) }] }] }, "too_deep"],
  ])("%s", (_, fields, code) => {
    expect(rejectionsOfJson("traces", spansJson({ ...span, ...fields }, { ...span, spanId: parentSpanId }))).toMatchObject({
      taken: 1,
      count: 1,
      byCode: { [code]: 1 },
      firstMessage: expect.stringContaining(code),
    });
  });

  test.each<[string, object, RejectionCode]>([
    ["an integer attribute of 1.5", { attributes: [{ key: "n", value: { intValue: 1.5 } }] }, "bad_number"],
    ["a double attribute of text", { attributes: [{ key: "n", value: { doubleValue: "nan" } }] }, "bad_number"],
    ["an attribute with two values", { attributes: [{ key: "n", value: { intValue: 1, stringValue: "1" } }] }, "bad_value"],
    ["bad base64", { attributes: [{ key: "n", value: { bytesValue: "%%%" } }] }, "bad_value"],
    ["an attribute named __proto__", { attributes: [{ key: "__proto__", value: { stringValue: "x" } }] }, "bad_key"],
    ["a text attribute that is a number", { attributes: [{ key: "n", value: { stringValue: 1 } }] }, "bad_type"],
    ["an attribute 17 levels deep", { attributes: [{ key: "n", value: nestedJson(17) }] }, "too_deep"],
    ["a body 1,000 levels deep", { body: nestedJson(1_000) }, "too_deep"],
    ["a body of 600 values", { body: { arrayValue: { values: Array.from({ length: 600 }, () => ({ intValue: 1 })) } } }, "too_many_values"],
    ["no time at all", { timeUnixNano: "0" }, "time_missing"],
  ])("%s", (_, fields, code) => {
    const answer = rejectionsOfJson("logs", logsJson({ ...log, ...fields }, log));
    expect(answer).toMatchObject({ taken: 1, count: 1, byCode: { [code]: 1 } });
  });

  test.each<[string, unknown, RejectionCode]>([
    ["no value", gaugeJson({}), "value_missing"],
    ["a value that is NaN", gaugeJson({ asDouble: "NaN" }), "bad_number"],
    ["two values", gaugeJson({ asDouble: 1, asInt: "1" }), "bad_value"],
    ["a time before its start", gaugeJson({ asInt: "1", startTimeUnixNano: later, timeUnixNano: time }), "start_after_time"],
    ["no name", metricsJson({ gauge: { dataPoints: [{ ...point, asInt: "1" }] } }), "name_missing"],
    ["a negative count", histogramJson({ count: "-1" }), "bad_count"],
    ["a negative bucket", histogramJson({ count: "1", bucketCounts: ["2", "-1"], explicitBounds: [5] }), "bad_count"],
    ["as many bounds as buckets", histogramJson({ count: "2", bucketCounts: ["1", "1"], explicitBounds: [5, 10] }), "bad_histogram"],
    ["buckets that miss the count", histogramJson({ count: "3", bucketCounts: ["1", "1"], explicitBounds: [5] }), "bad_histogram"],
    ["falling bounds", histogramJson({ count: "3", bucketCounts: ["1", "1", "1"], explicitBounds: [10, 5] }), "bad_histogram"],
    ["a bound that is NaN", histogramJson({ count: "3", bucketCounts: ["1", "1", "1"], explicitBounds: [1, "NaN"] }), "bad_histogram"],
    ["5,000 buckets", histogramJson({ count: "0", bucketCounts: Array.from({ length: 5_000 }, () => "0") }), "too_many_buckets"],
  ])("a metric point with %s", (_, body, code) => {
    expect(rejectionsOfJson("metrics", body)).toMatchObject({ taken: 0, count: 1, byCode: { [code]: 1 } });
  });
});

describe("the same rules apply to protobuf", () => {
  const ids = [bytesField(1, traceId), bytesField(2, spanId)];
  const times = [fixed64Field(7, BigInt(time)), fixed64Field(8, BigInt(later))];
  const good = Buffer.concat([...ids, ...times]);
  const spans: [string, Buffer[], RejectionCode][] = [
    ["a trace id of 17 bytes", [bytesField(1, `${traceId}00`), ids[1] as Buffer, ...times], "bad_trace_id"],
    ["a span id of zeros", [ids[0] as Buffer, bytesField(2, "00".repeat(8)), ...times], "bad_span_id"],
    ["no time", ids, "time_missing"],
    ["the last 64-bit time", [...ids, times[0] as Buffer, fixed64Field(8, 2n ** 64n - 1n)], "time_out_of_range"],
    ["an end before its start", [...ids, fixed64Field(7, BigInt(later)), fixed64Field(8, BigInt(time))], "end_before_start"],
    ["an unlisted attribute 17 levels deep", [good, attributeField(9, "x", nestedValue(17))], "too_deep"],
    ["a listed attribute 1,000 levels deep", [good, attributeField(9, "http.route", nestedValue(1_000))], "too_deep"],
    ["an event's attribute 17 levels deep", [good, messageField(11, attributeField(3, "x", nestedValue(17)))], "too_deep"],
    [
      "129 attributes",
      [good, ...Array.from({ length: 129 }, (_, n) => attributeField(9, `k${n}`, textField(1, "v")))],
      "too_many_attributes",
    ],
  ];

  test.each(spans)("a span with %s is rejected and the other accepted", (_, fields, code) => {
    const decoded = taken(decodeOtlpProtobuf("traces", requestOf(Buffer.concat(fields), good)));
    expect(decoded.records.length).toBe(1);
    expect(decoded.rejections).toMatchObject({ count: 1, byCode: { [code]: 1 } });
  });

  const pointTime = fixed64Field(3, BigInt(later));
  const histogram = (...fields: Buffer[]) => messageField(9, messageField(1, Buffer.concat([pointTime, ...fields])));
  const packed = (field: number, values: readonly bigint[]) =>
    messageField(field, Buffer.concat(values.map((value) => fixed64Field(1, value).subarray(1))));
  const metrics: [string, Buffer, RejectionCode][] = [
    ["a count of -1", histogram(fixed64Field(4, -1n)), "bad_count"],
    ["buckets without bounds that miss the count", histogram(fixed64Field(4, 3n), packed(6, [1n, 1n])), "bad_histogram"],
    [
      "a million buckets",
      histogram(
        packed(
          6,
          Array.from({ length: 1_000_000 }, () => 0n),
        ),
      ),
      "too_many_buckets",
    ],
    ["a sum of infinity", histogram(fixed64Field(4, 1n), doubleField(5, Number.POSITIVE_INFINITY)), "bad_number"],
  ];

  test.each(metrics)("a metric point with %s is rejected", (_, data, code) => {
    const decoded = taken(decodeOtlpProtobuf("metrics", requestOf(Buffer.concat([textField(1, "m"), data]))));
    expect(decoded).toMatchObject({ records: [], rejections: { count: 1, byCode: { [code]: 1 } } });
  });

  test("buckets and bounds may come one by one instead of packed, in any order", () => {
    const data = histogram(doubleField(7, 5), fixed64Field(6, 1n), fixed64Field(6, 2n), fixed64Field(4, 3n));
    const decoded = taken(decodeOtlpProtobuf("metrics", requestOf(Buffer.concat([data, textField(1, "m")]))));
    expect(decoded.records).toMatchObject([{ metric: "m", kind: "histogram", count: 3 }]);
  });

  test("a resource may come after its records, and the key of an attribute after its value", () => {
    const route = messageField(9, Buffer.concat([messageField(2, textField(1, "/votes")), textField(1, "http.route")]));
    const scopeGroup = messageField(2, messageField(2, Buffer.concat([route, good])));
    const body = messageField(1, Buffer.concat([scopeGroup, messageField(1, attributeField(1, "service.name", textField(1, "late")))]));
    const { records } = taken(decodeOtlpProtobuf("traces", body));
    expect(records).toMatchObject([{ resource: { serviceName: "late" }, attributes: { "http.route": "/votes" } }]);
  });

  test("of two values in one attribute the last counts, and an integer beyond 2^53 keeps its digits", () => {
    const value = Buffer.concat([textField(1, "first"), varintField(3, Number.MAX_SAFE_INTEGER)]);
    const beyond = Buffer.from("18ffffffffffffffff7f", "hex");
    const attributes = [attributeField(6, "a", value), attributeField(6, "b", beyond)];
    const { records } = taken(decodeOtlpProtobuf("logs", requestOf(Buffer.concat([fixed64Field(1, BigInt(time)), ...attributes]))));
    expect(records).toMatchObject([{ attributes: { a: Number.MAX_SAFE_INTEGER, b: "9223372036854775807" } }]);
  });
});

test("a resource that breaks a rule rejects its records, and no others", () => {
  const bad = { resource: { attributes: [{ key: "n", value: nestedJson(17) }] }, scopeSpans: [{ spans: [span, span] }] };
  const body = { resourceSpans: [bad, { scopeSpans: [{ spans: [span] }] }] };
  expect(rejectionsOfJson("traces", body)).toMatchObject({ taken: 1, count: 2, byCode: { bad_resource: 2 } });
});

test("an invalid id leaves a log record without a trace", () => {
  const { records } = taken(decodeOtlpJson("logs", logsJson({ ...log, traceId: "xyz", spanId: "00" })));
  expect(records).toMatchObject([{ traceId: undefined, spanId: undefined }]);
});

test("a point that is flagged as without a recorded value is accepted without a value", () => {
  const { records } = taken(decodeOtlpJson("metrics", gaugeJson({ flags: 1 })));
  expect(records).toMatchObject([{ kind: "gauge", value: undefined }]);
});

test("a lone surrogate becomes the replacement character, as invalid UTF-8 does", () => {
  const json = taken(decodeOtlpJson("logs", logsJson({ ...log, severityText: "a\ud800" })));
  const record = Buffer.concat([fixed64Field(1, BigInt(time)), messageField(3, Buffer.from([0x61, 0xff]))]);
  const protobuf = taken(decodeOtlpProtobuf("logs", requestOf(record)));
  expect(json.records[0]?.severityText).toBe("a\ufffd");
  expect(protobuf.records[0]?.severityText).toBe("a\ufffd");
});

function nestedJson(depth: number): unknown {
  let value: unknown = { stringValue: "deep" };
  for (let level = 1; level < depth; level++) value = { arrayValue: { values: [value] } };
  return value;
}
