import { describe, expect, test } from "vitest";
import { decodeOtlpJson } from "./otlp-json.ts";
import { httpStatusOf } from "./otlp-problem.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import { encodeSpans, sdkSpan, taken } from "./otlp-requests.testing.ts";
import { attributeField, requestOf } from "./protobuf-fields.testing.ts";
import { messageField, textField } from "./protobuf-writer.ts";

const malformed = { ok: false, error: { kind: "malformed", permanent: true } };
const tooMany = { ok: false, error: { kind: "too_many_items", permanent: true } };
const emptyMessages = (count: number, tag: number) => Buffer.alloc(count * 2, Buffer.from([tag, 0]));

describe("bytes that are no request are refused", () => {
  const valid = encodeSpans([sdkSpan(), sdkSpan()]).protobuf;

  test.each([0.25, 0.5, 0.75, 0.99])("a request cut at %d", (share) => {
    expect(decodeOtlpProtobuf("traces", valid.subarray(0, Math.floor(valid.length * share)))).toMatchObject(malformed);
  });

  test.each([
    ["JSON", Buffer.from(JSON.stringify({ resourceSpans: [] }))],
    ["a gRPC frame", Buffer.concat([Buffer.from([0, 0, 0, 0, valid.length]), valid])],
    ["a length of 2^64 - 1", Buffer.from("0affffffffffffffffff01", "hex")],
    ["nested groups", Buffer.alloc(100_000, 0x0b)],
    ["a field number 0", Buffer.from([0x02, 0x00])],
  ])("%s", (_, body) => {
    expect(decodeOtlpProtobuf("traces", body)).toMatchObject(malformed);
  });

  test.each([
    ["a list", []],
    ["a text", "resourceSpans"],
    ["null", null],
    ["a resourceSpans that is an object", { resourceSpans: { length: 4_294_967_295 } }],
    ["a scopeSpans that is a text", { resourceSpans: [{ scopeSpans: "x" }] }],
    ["a resource group that is a number", { resourceSpans: [1] }],
    ["a scope that is a list", { resourceSpans: [{ scopeSpans: [{ scope: [], spans: [] }] }] }],
  ])("JSON: %s", (_, body) => {
    expect(decodeOtlpJson("traces", body)).toMatchObject(malformed);
  });
});

describe("a request with too many items is refused before any is built", () => {
  test.each([
    ["10,001 spans", requestOf(...Array.from({ length: 10_001 }, () => Buffer.alloc(0)))],
    ["500,000 empty spans", messageField(1, messageField(2, emptyMessages(500_000, 0x12)))],
    ["a million empty resources", emptyMessages(1_000_000, 0x0a)],
    ["a million empty scopes", messageField(1, emptyMessages(1_000_000, 0x12))],
    ["6 million fields that nobody knows", emptyMessages(6_000_000, 0x7a)],
    ["a span of 6 million names", requestOf(emptyMessages(6_000_000, 0x2a))],
    ["a text of 6 million texts", requestOf(messageField(9, messageField(2, emptyMessages(6_000_000, 0x0a))))],
  ])("%s in protobuf", (_, body) => {
    expect(decodeOtlpProtobuf("traces", body)).toMatchObject(tooMany);
  });

  test("10,001 metric points, and as many metrics without any", () => {
    const points = Array.from({ length: 10_001 }, () => ({}));
    const metrics = (list: unknown[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: list }] }] });
    expect(decodeOtlpJson("metrics", metrics([{ gauge: { dataPoints: points } }]))).toMatchObject(tooMany);
    expect(decodeOtlpJson("metrics", metrics(points))).toMatchObject(tooMany);
    const gauge = messageField(2, messageField(5, emptyMessages(10_001, 0x0a)));
    expect(decodeOtlpProtobuf("metrics", messageField(1, messageField(2, gauge)))).toMatchObject(tooMany);
  });

  test("more attribute values than half a million", () => {
    const attributes = Buffer.concat(Array.from({ length: 100 }, (_, n) => attributeField(9, `k${n}`, textField(1, "v"))));
    expect(decodeOtlpProtobuf("traces", requestOf(...Array.from({ length: 5_001 }, () => attributes)))).toMatchObject(tooMany);
    const resource = messageField(1, Buffer.concat(Array.from({ length: 100 }, (_, n) => attributeField(1, `k${n}`, textField(1, "v")))));
    expect(decodeOtlpProtobuf("traces", Buffer.concat(Array.from({ length: 5_001 }, () => messageField(1, resource))))).toMatchObject(
      tooMany,
    );
  });

  test("10,000 are taken", () => {
    const spans = requestOf(...Array.from({ length: 10_000 }, () => Buffer.alloc(0)));
    expect(taken(decodeOtlpProtobuf("traces", spans)).rejections).toMatchObject({ count: 10_000, byCode: { bad_trace_id: 10_000 } });
  });
});

test("a malformed request is 400 and one with too many items 413", () => {
  expect(httpStatusOf).toEqual({ malformed: 400, too_many_items: 413 });
});

describe("keys that OTLP/JSON does not know are ignored and counted", () => {
  test("another kind of body is read as empty, with a count for a warning", () => {
    expect(decodeOtlpJson("traces", { batch: [], writeKey: "k" })).toMatchObject({ ok: true, value: { records: [], ignoredKeys: 2 } });
  });

  test("snake_case keys are ignored", () => {
    const span = { trace_id: "5b8efff798038103d269b633813fc60c", spans: [] };
    const body = { resourceSpans: [{ schema_url: "", scopeSpans: [{ scope_name: "", spans: [span] }] }], resource_spans: [] };
    const decoded = taken(decodeOtlpJson("traces", body));
    expect(decoded.ignoredKeys).toBe(4);
    expect(decoded.rejections.byCode).toEqual({ bad_trace_id: 1 });
  });

  test("unknown keys in lowerCamelCase may be from a later version: no reason to warn", () => {
    const body = { resourceLogs: [{ entityThing: 1, scopeLogs: [{ logRecords: [{ timeUnixNano: "1", futureField: {} }] }] }] };
    expect(decodeOtlpJson("logs", body)).toMatchObject({ ok: true, value: { ignoredKeys: 0, rejections: { count: 0 } } });
  });
});
