import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import {
  type Encoded,
  encodeLogRecords,
  encodeMetrics,
  encodeSpans,
  sdkLogRecord,
  sdkMetrics,
  sdkSpan,
  startTime,
  taken,
} from "./otlp-requests.testing.ts";

const point = { startTime, endTime: startTime, attributes: { state: "idle", n: 1 }, value: 3 };
const histogram = { ...point, value: { buckets: { boundaries: [5], counts: [1, 2] }, count: 3, sum: 9 } };
const descriptor = { name: "m", unit: "s", description: "d", valueType: 1, type: "COUNTER" };

const requests: Record<OtlpSignal, Encoded> = {
  traces: encodeSpans([
    sdkSpan({ attributes: { "http.route": "/rooms/:id", list: ["a", 1, ["b"]], ratio: 0.5 } }),
    sdkSpan({ events: [{ time: startTime, name: "e", attributes: { a: true }, droppedAttributesCount: 0 }] }),
  ]),
  logs: encodeLogRecords([sdkLogRecord({ body: { a: [1, "b", { c: true }] } }), sdkLogRecord({ eventName: "leave_room", attributes: {} })]),
  metrics: encodeMetrics(
    sdkMetrics([
      { descriptor, aggregationTemporality: 1, isMonotonic: true, dataPointType: 3, dataPoints: [point] },
      { descriptor, aggregationTemporality: 0, dataPointType: 0, dataPoints: [histogram] },
    ]),
  ),
};
const signals = Object.keys(requests) as OtlpSignal[];

/** The result must be a problem or a batch that becomes events; anything thrown fails the test. */
function survives(signal: OtlpSignal, decoded: ReturnType<typeof decodeOtlpJson<OtlpSignal>>): void {
  if (!decoded.ok) {
    expect(decoded.error.permanent).toBe(true);
    return;
  }
  const { records, rejections } = decoded.value;
  expect(eventsOfRecords(signal, records as never).length).toBe(records.length);
  const counted = Object.values(rejections.byCode).reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(rejections.count);
}

describe.each(signals)("%s", (signal) => {
  const { protobuf, json } = requests[signal];

  test("a request cut anywhere is refused or decodes to less, and never throws", () => {
    const whole = taken(decodeOtlpProtobuf(signal, protobuf)).records.length;
    for (let length = 0; length < protobuf.length; length++) {
      const decoded = decodeOtlpProtobuf(signal, protobuf.subarray(0, length));
      survives(signal, decoded);
      expect(!decoded.ok || decoded.value.records.length < whole).toBe(true);
    }
  });

  test("a request with any bytes changed is refused or decodes, and never throws", () => {
    const change = fc.tuple(fc.nat(protobuf.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(protobuf);
        for (const [at, byte] of changes) bytes[at] = byte;
        survives(signal, decodeOtlpProtobuf(signal, bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  test("any bytes at all are refused or decode, and never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(signal, decodeOtlpProtobuf(signal, Buffer.from(bytes)))),
      { numRuns: 1_000 },
    );
  });

  test("a JSON request with any value replaced by any other is refused or decodes, and never throws", () => {
    const paths = pathsOf(json);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        survives(signal, decodeOtlpJson(signal, replacedAt(json, path, value)));
      }),
      { numRuns: 3_000 },
    );
  });
});

test("spans that OpenTelemetry encodes decode alike from protobuf and JSON, whatever their attributes", () => {
  // Beyond 2^53 the two encoders themselves differ: one writes an integer, the other a double.
  const exact = { noNaN: true, min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  const anyValue = fc.oneof(fc.string(), fc.integer(), fc.double(exact), fc.boolean(), fc.array(fc.string()));
  const anyName = fc.constantFrom(
    "http.route",
    "http.request.method",
    "http.status_code",
    "rpc.method",
    "error.type",
    "db.system",
    "other",
    "user.id",
  );
  fc.assert(
    fc.property(fc.array(fc.dictionary(anyName, anyValue), { minLength: 1, maxLength: 5 }), fc.string(), (attributeSets, name) => {
      const request = encodeSpans(attributeSets.map((attributes) => sdkSpan({ attributes, name })));
      expect(decodeOtlpJson("traces", request.json)).toEqual(decodeOtlpProtobuf("traces", request.protobuf));
    }),
    { numRuns: 500 },
  );
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

function replacedAt(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = replacedAt((copy as Record<string, unknown>)[key], rest, replacement);
  return copy;
}
