import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { spanId, taken, traceId } from "./otlp-requests.testing.ts";
import { attributeField, bytesField, doubleField, fixed64Field } from "./protobuf-fields.testing.ts";
import { messageField, textField, varintField } from "./protobuf-writer.ts";

/** A number that no attribute can store, alone or within lists and maps, in both encodings. */
type Unusable = { readonly json: object; readonly protobuf: Buffer };

const double = (value: number): Unusable => ({ json: { doubleValue: String(value) }, protobuf: doubleField(4, value) });
const anyNumber = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).map(double);
const text: Unusable = { json: { stringValue: "beside it" }, protobuf: textField(1, "beside it") };
const listOf = (items: readonly Unusable[]): Unusable => ({
  json: { arrayValue: { values: items.map(({ json }) => json) } },
  protobuf: messageField(5, Buffer.concat(items.map(({ protobuf }) => messageField(1, protobuf)))),
});
const mapOf = (item: Unusable): Unusable => ({
  json: { kvlistValue: { values: [{ key: "k", value: item.json }] } },
  protobuf: messageField(6, attributeField(1, "k", item.protobuf)),
});
const anyUnusable = fc.letrec<{ value: Unusable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyNumber,
    tie("value").map((item) => listOf([text, item, text])),
    tie("value").map(mapOf),
  ),
})).value;

const time = 1_795_378_504_120_456_789n;
const recordOf: Readonly<Record<OtlpSignal, { readonly json: object; readonly protobuf: Buffer; readonly attribute: number }>> = {
  traces: {
    json: { traceId, spanId, name: "join", kind: 2, startTimeUnixNano: String(time), endTimeUnixNano: String(time) },
    protobuf: Buffer.concat([
      bytesField(1, traceId),
      bytesField(2, spanId),
      textField(5, "join"),
      varintField(6, 2),
      fixed64Field(7, time),
      fixed64Field(8, time),
    ]),
    attribute: 9,
  },
  logs: { json: { timeUnixNano: String(time) }, protobuf: fixed64Field(1, time), attribute: 6 },
  metrics: {
    json: { timeUnixNano: String(time), asDouble: 0.5 },
    protobuf: Buffer.concat([fixed64Field(3, time), doubleField(4, 0.5)]),
    attribute: 7,
  },
};
const groups = {
  traces: ["resourceSpans", "scopeSpans", "spans"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
} as const;

/** One record with these attributes, of a resource with these, in both encodings: as records and as events without their ids. */
function decoded(signal: OtlpSignal, own: Attributes, ofResource: Attributes) {
  const [group, scopeGroup, records] = groups[signal];
  const { json, protobuf, attribute } = recordOf[signal];
  const recordJson = { ...json, attributes: own.map(([key, { json }]) => ({ key, value: json })) };
  const fields = own.map(([key, { protobuf }]) => attributeField(attribute, key, protobuf));
  const bytes = Buffer.concat([protobuf, ...fields]);
  const isMetric = signal === "metrics";
  const resourceJson = { attributes: ofResource.map(([key, { json }]) => ({ key, value: json })) };
  const resourceBytes = messageField(1, Buffer.concat(ofResource.map(([key, { protobuf }]) => attributeField(1, key, protobuf))));
  const scoped = messageField(
    2,
    messageField(2, isMetric ? Buffer.concat([textField(1, "g"), messageField(5, messageField(1, bytes))]) : bytes),
  );
  const record = isMetric ? { name: "g", gauge: { dataPoints: [recordJson] } } : recordJson;
  return {
    json: decodeOtlpJson(signal, { [group]: [{ resource: resourceJson, [scopeGroup]: [{ [records]: [record] }] }] }),
    protobuf: decodeOtlpProtobuf(signal, messageField(1, Buffer.concat([resourceBytes, scoped]))),
  };
}
type Attributes = readonly (readonly [key: string, value: Unusable])[];

function eventsOf(signal: OtlpSignal, answer: ReturnType<typeof decodeOtlpJson<OtlpSignal>>) {
  const { records, rejections } = taken(answer);
  expect(rejections.byCode).toEqual({});
  return eventsOfRecords(signal, records as never) as { readonly eventId: string }[];
}
const withoutIds = (events: readonly { readonly eventId: string }[]) => events.map(({ eventId: _, ...event }) => event);

const service: Attributes[number] = ["service.name", { json: { stringValue: "shop" }, protobuf: textField(1, "shop") }];
const method: Attributes[number] = ["http.request.method", { json: { stringValue: "GET" }, protobuf: textField(1, "GET") }];

describe.each(["traces", "logs", "metrics"] as const)("%s", (signal) => {
  test("only the attribute with a number that is not finite is dropped, of a record and of its resource, in both encodings", () => {
    const anyName = fc.constantFrom("http.route", "db.system", "error.type", "model.score", "state");
    fc.assert(
      fc.property(anyName, anyUnusable, anyUnusable, (name, own, ofResource) => {
        const without = decoded(signal, [method], [service]);
        const having = decoded(signal, [[name, own], method], [["host.load", ofResource], service]);
        const [json, protobuf] = [eventsOf(signal, having.json), eventsOf(signal, having.protobuf)];
        expect(withoutIds(json)).toEqual(withoutIds(eventsOf(signal, without.json)));
        expect(json).toEqual(protobuf);
      }),
      { numRuns: 200 },
    );
  });
});

test.each(["logs", "metrics"] as const)("%s that differ only in an attribute that is left out are two records", (signal) => {
  const idOf = (own: Attributes) => eventsOf(signal, decoded(signal, own, [service]).json)[0]?.eventId;
  const ids = [
    idOf([]),
    idOf([["a", double(Number.NaN)]]),
    idOf([["a", double(Number.POSITIVE_INFINITY)]]),
    idOf([["b", double(Number.NaN)]]),
  ];
  expect(new Set(ids).size).toBe(4);
});

test.each([["9223372036854775808"], ["-9223372036854775809"], ["1".repeat(40)], [1e30]])(
  "only an integer beyond 64 bits, %s, is dropped, of a log record, its body and its resource",
  (intValue) => {
    const attributes = [
      { key: "n", value: { intValue } },
      { key: "m", value: { intValue: "9223372036854775807" } },
    ];
    const body = {
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [{ timeUnixNano: "1", attributes, body: { intValue } }] }] }],
    };
    const { records, rejections } = taken(decodeOtlpJson("logs", body));
    expect(rejections.count).toBe(0);
    expect(records).toMatchObject([{ attributes: { m: "9223372036854775807" }, resource: { attributes: { m: "9223372036854775807" } } }]);
    expect(records[0]?.attributes).not.toHaveProperty("n");
  },
);

test("bodies that differ only in a number that is not finite are two records", () => {
  const idOf = (doubleValue: string) =>
    taken(decodeOtlpJson("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: "1", body: { doubleValue } }] }] }] }))
      .records[0]?.contentHash;
  expect(new Set(["NaN", "Infinity", "-Infinity"].map(idOf)).size).toBe(3);
});
