import { grpcStream, http, observe, otlpProtobuf, raw } from "../case-builders.ts";
import { either, grpcEnds, otlpAccepted, problem } from "../expectations.ts";
import { callGrpc, grpcFrame } from "../grpc-call.ts";
import type { HostileCase } from "../hostile-case.ts";
import type { HostileContext } from "../hostile-context.ts";
import { memoised } from "../memoised.ts";
import {
  attribute,
  eventIdOfSpan,
  newSpanIds,
  nowNanos,
  protobufLog,
  protobufRequest,
  protobufSpan,
  type Signal,
  textAttribute,
} from "../otlp-body.ts";
import { bytesField, doubleField, fixed64Field, varint, varintField } from "../protobuf-wire.ts";

/** Rows 33 to 37 and 39: the wire format of protobuf, over HTTP and gRPC. */

const signals: readonly Signal[] = ["traces", "logs", "metrics"];
const malformed = { http: problem(400), grpc: grpcEnds(3) };
const tooMany = { http: problem(413), grpc: grpcEnds(8) };
const acceptedAll = { http: otlpAccepted(), grpc: otlpAccepted() };
const acceptedAllBut = (rejected: number, code: string) => ({
  http: otlpAccepted({ rejected, code }),
  grpc: otlpAccepted({ rejected, code }),
});
const problemOrPartial = (rejected: number) => ({
  http: either(problem([400, 413]), otlpAccepted({ rejected })),
  grpc: either(grpcEnds(3, 8), otlpAccepted({ rejected })),
});
const protobufType = { "content-type": "application/x-protobuf" };

const empty = signals.flatMap((signal) => [
  ...otlpProtobuf("33", `an empty body as ${signal}`, signal, () => ({ body: Buffer.alloc(0), records: 0 }), acceptedAll),
  http("33", `an empty object as ${signal}`, () => ({ path: `/v1/${signal}`, otlp: "json", body: "{}", records: 0 }), otlpAccepted()),
  http(
    "33",
    `${signal} of null`,
    () => ({
      path: `/v1/${signal}`,
      otlp: "json",
      body: JSON.stringify({ [{ traces: "resourceSpans", logs: "resourceLogs", metrics: "resourceMetrics" }[signal]]: null }),
      records: 0,
    }),
    otlpAccepted(),
  ),
  ...otlpProtobuf("33", `one empty resource as ${signal}`, signal, () => ({ body: bytesField(1, ""), records: 0 }), acceptedAll),
]);

const goodSpans = (context: HostileContext) => protobufRequest([protobufSpan(context), protobufSpan(context)]);
const cut = [0.25, 0.5, 0.75, 0.99].flatMap((part) =>
  otlpProtobuf(
    "34",
    `cut at ${part * 100} %`,
    "traces",
    (context) => ({ body: goodSpans(context).subarray(0, Math.floor(goodSpans(context).length * part)) }),
    malformed,
  ),
);
const lies = [2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n].flatMap((length) => [
  ...otlpProtobuf("34", `a resource of ${length} bytes`, "traces", () => ({ body: bytesField(1, "x", length) }), malformed),
  ...otlpProtobuf(
    "34",
    `a name of ${length} bytes within a span`,
    "logs",
    (context) => ({ body: protobufRequest([protobufLog(context, [bytesField(12, "x", length)])]) }),
    malformed,
  ),
]);
const overlong = otlpProtobuf(
  "34",
  "a length in eleven bytes",
  "traces",
  () => ({ body: Buffer.concat([Buffer.from([0x0a]), Buffer.alloc(10, 0x80), Buffer.from([0x01])]) }),
  malformed,
);

const odd: readonly (readonly [string, Buffer])[] = [
  ["wire type 6", Buffer.from([0x0e])],
  ["wire type 7", Buffer.from([0x0f, 0x01])],
  ["field 0", Buffer.from([0x02, 0x00])],
  ["a field number beyond 29 bits", Buffer.concat([varint(2n ** 35n + 2n), Buffer.from([0])])],
  ["a group that never ends", Buffer.from([0x1b, 0x08, 0x01])],
  ["the end of a group without a start", Buffer.from([0x1c])],
  ["a group with the end of another", Buffer.from([0x1b, 0x24])],
  ["100,000 nested groups", Buffer.alloc(100_000, 0x1b)],
  ["a million nested groups", Buffer.alloc(1_000_000, 0x1b)],
  ["0xff throughout", Buffer.alloc(1_000, 0xff)],
  ["0x80 throughout", Buffer.alloc(1_000, 0x80)],
  ["zeros throughout", Buffer.alloc(1_000)],
  ["a tag at the end", Buffer.from([0x0a])],
];
const oddWire = odd.flatMap(([name, bytes]) => otlpProtobuf("35", name, "traces", () => ({ body: bytes }), malformed));
const oddWithin = odd.map(([name, bytes]) =>
  http(
    "35",
    `${name}, within a log record`,
    (context) => ({
      path: "/v1/logs",
      otlp: "protobuf",
      headers: protobufType,
      body: protobufRequest([Buffer.concat([protobufLog(context), bytes])]),
    }),
    problem(400),
  ),
);
const harmlessGroup = otlpProtobuf(
  "35",
  "a complete group of an unknown field",
  "traces",
  (context) => ({ body: Buffer.concat([goodSpans(context), Buffer.from([0x9b, 0x06, 0x9c, 0x06])]), records: 2 }),
  acceptedAll,
);

const nested = memoised(nestedValue);

/** A nested `AnyValue`; each level doubles the length fields, so it is built from the inside. */
function nestedValue(depth: number, kind: "array" | "kvlist"): Buffer {
  const lengths: number[] = [];
  const sizeOfVarint = (value: number) => (value < 128 ? 1 : 1 + Math.floor(Math.log2(value) / 7));
  let size = 0;
  for (let level = 0; level < depth; level++) {
    for (let field = 0; field < (kind === "array" ? 2 : 3); field++) {
      lengths.push(size);
      size += 1 + sizeOfVarint(size);
    }
  }
  const tags = kind === "array" ? [0x0a, 0x2a] : [0x12, 0x0a, 0x32];
  // From the innermost: array: AnyValue.array(5) > ArrayValue.values(1) > ...; kvlist: KeyValue.value(2) < values(1) < AnyValue.kvlist(6).
  return Buffer.concat(
    lengths.map((length, index) => Buffer.concat([Buffer.from([tags[index % tags.length] as number]), varint(length)])).reverse(),
  );
}
const deep = [17, 1_000, 10_000, 100_000].flatMap((depth) =>
  (["array", "kvlist"] as const).flatMap((kind) => [
    ...otlpProtobuf(
      "36",
      `an attribute of ${depth} ${kind}s in each other`,
      "logs",
      (context) => ({
        body: protobufRequest([protobufLog(context, [bytesField(6, attribute("deep", nested(depth, kind)))]), protobufLog(context)]),
        records: 2,
      }),
      problemOrPartial(1),
    ),
    ...otlpProtobuf(
      "36",
      `a body of ${depth} ${kind}s in each other`,
      "logs",
      (context) => ({ body: protobufRequest([protobufLog(context, [bytesField(5, nested(depth, kind))])]), records: 1 }),
      problemOrPartial(1),
    ),
    ...otlpProtobuf(
      "36",
      `an attribute of a span's event, ${depth} deep in ${kind}s`,
      "traces",
      (context) => ({
        body: protobufRequest([protobufSpan(context, { more: [bytesField(11, bytesField(3, attribute("deep", nested(depth, kind))))] })]),
        records: 1,
      }),
      problemOrPartial(1),
    ),
  ]),
);
const deepJson = [20, 63].map((depth) =>
  http(
    "36",
    `an attribute of ${depth} brackets in JSON`,
    (context) => {
      const lists = Math.floor((depth - 12) / 3);
      const value = `${'{"arrayValue":{"values":['.repeat(lists)}{"intValue":"1"}${"]}}".repeat(lists)}`;
      const record = `{"timeUnixNano":"${nowNanos(context)}","attributes":[{"key":"deep","value":${value}}]}`;
      return { path: "/v1/logs", otlp: "json", body: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`, records: 1 };
    },
    either(problem(400), otlpAccepted({ rejected: 1 }), otlpAccepted()),
  ),
);

const repeat = (bytes: Buffer, count: number) => Buffer.alloc(count * bytes.length, bytes);
/** Many empty records as one block: the list builder is much slower. */
const emptyRecords = (count: number) => bytesField(1, bytesField(2, repeat(bytesField(2, ""), count)));
const crowds = [
  ...otlpProtobuf("37", "a million empty resources", "traces", () => ({ body: repeat(bytesField(1, ""), 1_000_000) }), tooMany, 5_000),
  ...otlpProtobuf("37", "10 million empty resources", "metrics", () => ({ body: repeat(bytesField(1, ""), 10_000_000) }), tooMany, 5_000),
  ...otlpProtobuf("37", "500,000 empty spans", "traces", () => ({ body: emptyRecords(500_000) }), tooMany, 5_000),
  ...otlpProtobuf(
    "37",
    "10,000 empty spans",
    "traces",
    () => ({ body: emptyRecords(10_000), records: 10_000 }),
    acceptedAllBut(10_000, "bad_trace_id"),
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "10,000 empty log records",
    "logs",
    () => ({ body: emptyRecords(10_000), records: 10_000 }),
    acceptedAllBut(10_000, "time_missing"),
    5_000,
  ),
  ...otlpProtobuf("37", "10,001 spans", "traces", () => ({ body: emptyRecords(10_001) }), tooMany, 5_000),
  ...otlpProtobuf(
    "37",
    "a histogram of a million buckets",
    "metrics",
    (context) => ({ body: histogram(context, bytesField(6, Buffer.alloc(8_000_000))), records: 1 }),
    acceptedAllBut(1, "too_many_buckets"),
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a span of a million attributes",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [repeat(bytesField(9, ""), 1_000_000)] })]), records: 1 }),
    acceptedAllBut(1, "too_many_attributes"),
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a resource of a million attributes",
    "traces",
    (context) => ({
      body: bytesField(
        1,
        Buffer.concat([bytesField(1, repeat(bytesField(1, ""), 1_000_000)), bytesField(2, bytesField(2, protobufSpan(context)))]),
      ),
      records: 1,
    }),
    acceptedAllBut(1, "bad_resource"),
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a list of a million values",
    "logs",
    (context) => ({
      body: protobufRequest([
        protobufLog(context, [bytesField(6, attribute("list", bytesField(5, repeat(bytesField(1, ""), 1_000_000))))]),
      ]),
      records: 1,
    }),
    acceptedAllBut(1, "too_many_values"),
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a span of a million events",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [repeat(bytesField(11, ""), 1_000_000)] })]), records: 1 }),
    acceptedAll,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a span of 9 million names",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [repeat(bytesField(5, ""), 9_000_000)] })]) }),
    tooMany,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "a text of 9 million texts",
    "logs",
    (context) => ({ body: protobufRequest([protobufLog(context, [bytesField(5, repeat(bytesField(1, ""), 9_000_000))])]) }),
    tooMany,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "100,000 unknown fields are skipped",
    "traces",
    (context) => ({ body: Buffer.concat([goodSpans(context), repeat(varintField(15, 1), 100_000)]), records: 2 }),
    acceptedAll,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "10 million unknown fields",
    "traces",
    (context) => ({ body: Buffer.concat([goodSpans(context), repeat(varintField(15, 1), 9_000_000)]) }),
    tooMany,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "9 million unknown fields within a span",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [repeat(varintField(15, 1), 9_000_000)] })]) }),
    tooMany,
    5_000,
  ),
  ...otlpProtobuf(
    "37",
    "9 million unknown fields within a metric",
    "metrics",
    (context) => ({
      body: Buffer.concat([
        protobufRequest([
          Buffer.concat([bytesField(1, "m"), repeat(varintField(15, 1), 9_000_000), bytesField(5, bytesField(1, gaugePoint(context)))]),
        ]),
      ]),
    }),
    tooMany,
    5_000,
  ),
];

function gaugePoint(context: HostileContext): Buffer {
  return Buffer.concat([
    fixed64Field(3, nowNanos(context)),
    doubleField(4, 1),
    bytesField(7, textAttribute("series", context.newEventId())),
  ]);
}

function histogram(context: HostileContext, buckets: Buffer): Buffer {
  const point = Buffer.concat([
    fixed64Field(3, nowNanos(context)),
    fixed64Field(4, 0n),
    buckets,
    bytesField(9, textAttribute("series", context.newEventId())),
  ]);
  return protobufRequest([Buffer.concat([bytesField(1, "latency"), bytesField(9, bytesField(1, point))])]);
}

const spanIds = (context: HostileContext) => {
  const ids = newSpanIds(context);
  return { body: protobufRequest([protobufSpan(context, { ids })]), records: 1, storedIds: [eventIdOfSpan(ids)] };
};
const mistaken = [
  ...signals.flatMap((signal) => [
    http(
      "39",
      `JSON as protobuf ${signal}`,
      () => ({ path: `/v1/${signal}`, otlp: "protobuf", headers: protobufType, body: '{"resourceSpans":[]}' }),
      problem(400),
    ),
    http(
      "39",
      `protobuf as JSON ${signal}`,
      (context) => ({ path: `/v1/${signal}`, otlp: "json", body: goodSpans(context) }),
      problem(400),
    ),
    http(
      "39",
      `a gRPC frame as protobuf ${signal}`,
      (context) => ({ path: `/v1/${signal}`, otlp: "protobuf", headers: protobufType, body: grpcFrame(goodSpans(context)) }),
      problem(400),
    ),
  ]),
  ...otlpProtobuf("39", "a valid span is accepted", "traces", spanIds, acceptedAll),
  grpcStream(
    "39",
    "JSON in a gRPC frame",
    () => ({ signal: "traces", bytes: grpcFrame(Buffer.from('{"resourceSpans":[]}')) }),
    grpcEnds(3),
  ),
  grpcStream(
    "39",
    "protobuf without a frame, over gRPC",
    (context) => ({ signal: "traces", bytes: goodSpans(context) }),
    grpcEnds(3, 8, 12, 13),
  ),
  grpcStream(
    "39",
    "two frames in a unary call",
    (context) => ({
      signal: "traces",
      bytes: Buffer.concat([
        grpcFrame(Buffer.alloc(0)),
        grpcFrame(protobufRequest([protobufSpan(context, { ids: { traceId: "00".repeat(16), spanId: "00".repeat(8) } })])),
      ]),
    }),
    grpcEnds(3, 12, 13),
  ),
  grpcStream("39", "no frame at all", () => ({ signal: "logs", bytes: Buffer.alloc(0) }), grpcEnds(3, 12, 13)),
  grpcStream("39", "half a frame", () => ({ signal: "logs", bytes: Buffer.from([0, 0, 0]) }), grpcEnds(3, 12, 13, null)),
  grpcStream(
    "39",
    "a frame shorter than its length",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.from("abc"), { length: 100 }) }),
    grpcEnds(3, 12, 13, null),
  ),
  grpcStream(
    "39",
    "an unknown method",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.alloc(0)), path: "/opentelemetry.proto.collector.logs.v1.LogsService/Import" }),
    grpcEnds(12),
  ),
  grpcStream(
    "39",
    "a path of a prototype",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.alloc(0)), path: "/__proto__/constructor" }),
    grpcEnds(12),
  ),
  grpcStream(
    "39",
    "another content type",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.alloc(0)), headers: { "content-type": "application/json" } }),
    ({ grpc }) => (grpc?.status === 0 ? ["it was accepted"] : []),
  ),
  grpcStream(
    "39",
    "a deadline that has passed",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.alloc(0)), headers: { "grpc-timeout": "0n" } }),
    grpcEnds(0, 4, null),
  ),
  grpcStream(
    "39",
    "an invalid deadline",
    () => ({ signal: "logs", bytes: grpcFrame(Buffer.alloc(0)), headers: { "grpc-timeout": "soon" } }),
    grpcEnds(0, 3, 13, null),
  ),
  raw(
    "39",
    "HTTP/1.1 to the gRPC port",
    ({ grpcPort }) => ({ port: grpcPort, bytes: "POST /v1/traces HTTP/1.1\r\nhost: hostile\r\ncontent-length: 0\r\n\r\n", end: "fin" }),
    ({ closed }) => (closed === true ? [] : ["the connection stayed open"]),
  ),
].map((one) =>
  one.name.endsWith("gRPC port")
    ? { ...one, send: async (context: HostileContext) => ({ ...(await one.send(context)), answers: [] }) }
    : one,
);

/** Parallel calls, each over a separate connection, that close before the answer. */
const leaving: HostileCase = {
  row: "10",
  name: "50 gRPC calls that are aborted",
  expect: () => [],
  send: async (context) => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        Promise.race([
          callGrpc(context, { signal: "traces", bytes: grpcFrame(Buffer.alloc(10), { length: 1_000_000 }) }),
          new Promise((resolve) => setTimeout(resolve, 200)),
        ]),
      ),
    );
    return observe([]);
  },
};

export const protobufCases: readonly HostileCase[] = [
  ...empty,
  ...cut,
  ...lies,
  ...overlong,
  ...oddWire,
  ...oddWithin,
  ...harmlessGroup,
  ...deep,
  ...deepJson,
  ...crowds,
  ...mistaken,
  leaving,
];
