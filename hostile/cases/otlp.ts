import { http, otlpJson, otlpProtobuf } from "../case-builders.ts";
import { either, otlpAccepted, problem } from "../expectations.ts";
import type { HostileCase, Observation } from "../hostile-case.ts";
import { canary, type HostileContext } from "../hostile-context.ts";
import { send } from "../http-request.ts";
import { readMetrics } from "../ingest-counters.ts";
import {
  eventIdOfSpan,
  jsonLog,
  jsonMetric,
  jsonRequest,
  jsonSpan,
  newSpanIds,
  nowNanos,
  protobufRequest,
  protobufSpan,
  textPair,
} from "../otlp-body.ts";
import { bytesField, varintField } from "../protobuf-wire.ts";

/** Rows 38 and 40 to 48, and rows 52 to 58 for spans and log records: the contents of OTLP. */

const spans = (
  row: string,
  name: string,
  changes: (context: HostileContext) => readonly Readonly<Record<string, unknown>>[],
  expect: Parameters<typeof otlpJson>[4],
) => otlpJson(row, name, "traces", (context) => changes(context).map((change) => jsonSpan(context, change)), expect, 5_000);
const logs = (
  row: string,
  name: string,
  changes: (context: HostileContext) => readonly Readonly<Record<string, unknown>>[],
  expect: Parameters<typeof otlpJson>[4],
) => otlpJson(row, name, "logs", (context) => changes(context).map((change) => jsonLog(context, change)), expect, 5_000);
const metrics = (
  row: string,
  name: string,
  make: (context: HostileContext) => readonly unknown[],
  expect: Parameters<typeof otlpJson>[4],
) => otlpJson(row, name, "metrics", make, expect, 8_000);
const one = (rejected: string) => otlpAccepted({ rejected: 1, code: rejected });

const unknown = [
  ...otlpProtobuf(
    "38",
    "unknown fields",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [varintField(99, 1), bytesField(100, "x")] })]), records: 1 }),
    { http: otlpAccepted(), grpc: otlpAccepted() },
  ),
  spans("38", "unknown keys of a span are ignored", () => [{ nonsense: canary }], otlpAccepted()),
  http(
    "38",
    "unknown keys of a request are reported",
    (context) => ({
      path: "/v1/traces",
      otlp: "json",
      body: JSON.stringify({ ...jsonRequest("traces", [jsonSpan(context)]), nonsense: canary }),
      records: 1,
    }),
    otlpAccepted({ message: /ignored/ }),
  ),
  http(
    "38",
    "a request in snake_case is reported",
    (context) => ({
      path: "/v1/traces",
      otlp: "json",
      body: JSON.stringify({ resource_spans: [{ scope_spans: [{ spans: [jsonSpan(context)] }] }] }),
      records: 0,
    }),
    otlpAccepted({ message: /lowerCamelCase/ }),
  ),
  http(
    "38",
    "a span in snake_case is reported",
    (context) => ({
      path: "/v1/traces",
      otlp: "json",
      body: JSON.stringify(jsonRequest("traces", [{ trace_id: context.newHex(16), span_id: context.newHex(8) }])),
      records: 1,
    }),
    otlpAccepted({ rejected: 1, code: "bad_trace_id", message: /lowerCamelCase/ }),
  ),
  http(
    "38",
    "JSON that is not OTLP is reported",
    () => ({ path: "/v1/logs", otlp: "json", body: '{"message":"hello"}', records: 0 }),
    otlpAccepted({ message: /ignored/ }),
  ),
  ...["resourceSpans", "resourceLogs"].map((key) =>
    http(
      "38",
      `${key} as metrics is reported`,
      () => ({ path: "/v1/metrics", otlp: "json", body: `{"${key}":[]}`, records: 0 }),
      otlpAccepted({ message: /ignored/ }),
    ),
  ),
  ...[
    '{"resourceSpans":{}}',
    '{"resourceSpans":[1]}',
    '{"resourceSpans":[{"scopeSpans":1}]}',
    '{"resourceSpans":[{"scopeSpans":[[]]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":{"length":1}}]}]}',
  ].map((body) => http("38", body, () => ({ path: "/v1/traces", otlp: "json", body }), problem(400))),
];

const traceIds = [
  "",
  "0".repeat(32),
  "ab",
  "a".repeat(31),
  "a".repeat(33),
  "z".repeat(32),
  Buffer.alloc(16, 1).toString("base64"),
  `${"a".repeat(31)} `,
  "é".repeat(32),
  "0x".padEnd(32, "a"),
  "a".repeat(100_000),
];
const badIds = [
  ...traceIds.map((traceId) =>
    spans("40", `trace id ${JSON.stringify(traceId.slice(0, 40))}`, () => [{}, { traceId }, {}], one("bad_trace_id")),
  ),
  ...["", "0".repeat(16), "ab", "z".repeat(16), "a".repeat(17), Buffer.alloc(8, 1).toString("base64")].map((spanId) =>
    spans("40", `span id ${JSON.stringify(spanId)}`, () => [{ spanId }, {}], one("bad_span_id")),
  ),
  ...["ab", "z".repeat(16), "a".repeat(32)].map((parentSpanId) =>
    spans("40", `parent ${JSON.stringify(parentSpanId)}`, () => [{ parentSpanId }, {}], one("bad_parent_span_id")),
  ),
  ...[1, true, {}, []].map((traceId) =>
    spans("40", `trace id of ${JSON.stringify(traceId)}`, () => [{ traceId }, {}], otlpAccepted({ rejected: 1 })),
  ),
  spans("40", "trace ids in capitals are the same", (context) => [{ traceId: context.newHex(16).toUpperCase() }], otlpAccepted()),
  spans(
    "40",
    "an empty parent, and one of zeros",
    () => [{ parentSpanId: "" }, { parentSpanId: "0".repeat(16) }, { parentSpanId: null }],
    otlpAccepted(),
  ),
  logs(
    "40",
    "a log record of an odd trace is stored",
    () => [{ traceId: "ab", spanId: "zz" }, { traceId: "0".repeat(32) }],
    otlpAccepted(),
  ),
  ...[0, 1, 15, 17, 32, 100_000].flatMap((length) =>
    otlpProtobuf(
      "40",
      `a trace id of ${length} bytes`,
      "traces",
      (context) => ({
        body: protobufRequest([
          protobufSpan(context, { ids: { traceId: "ab".repeat(length), spanId: context.newHex(8) } }),
          protobufSpan(context),
        ]),
        records: 2,
      }),
      { http: one("bad_trace_id"), grpc: one("bad_trace_id") },
    ),
  ),
];

const max = String(2n ** 64n - 1n);
const times: readonly (readonly [string, (nanos: bigint) => readonly [unknown, unknown], boolean])[] = [
  ["end before start", (now) => [String(now), String(now - 1_000_000n)], true],
  ["start 0", (now) => ["0", String(now)], true],
  ["end 0", (now) => [String(now), "0"], true],
  ["no times", () => [undefined, undefined], true],
  ["end 2^64 - 1", (now) => [String(now), max], true],
  ["start and end 2^64 - 1", () => [max, max], true],
  ["start 2^64", (now) => [String(2n ** 64n), String(now)], true],
  ["start -1", (now) => ["-1", String(now)], true],
  ["start 1.5", (now) => ["1.5", String(now)], true],
  ["start 1e18", (now) => ["1e18", String(now)], true],
  ["start in ISO", (now) => ["2026-01-01T00:00:00Z", String(now)], true],
  ["start of an object", (now) => [{}, String(now)], true],
  ["start of true", (now) => [true, String(now)], true],
  ["a million digits", (now) => ["1".repeat(1_000_000), String(now)], true],
  ["start 40 days ago", (now) => [String(now - 40n * 86_400_000_000_000n), String(now)], true],
  ["start in 10 years", (now) => [String(now + 3_650n * 86_400_000_000_000n), String(now + 3_650n * 86_400_000_000_000n)], true],
  ["end in 7,000 years", (now) => [String(now), "251000000000000000000".slice(0, 18)], true],
  ["an end of another unit", (now) => [String(now), String(now / 1_000_000n)], true],
  ["a span with a duration of 0", (now) => [String(now), String(now)], false],
  ["times as numbers", (now) => [Number(now), Number(now)], false],
];
const spanTimes = [
  ...times.map(([name, make, bad]) =>
    spans(
      "41",
      name,
      (context) => {
        const [startTimeUnixNano, endTimeUnixNano] = make(nowNanos(context));
        return [{ startTimeUnixNano, endTimeUnixNano }, {}];
      },
      otlpAccepted({ rejected: bad ? 1 : 0 }),
    ),
  ),
  // Without a bound, their durations add up to more than a double represents exactly.
  ...Array.from({ length: 6 }, (_, n) =>
    otlpProtobuf(
      "41",
      `spans that end in centuries, ${n}`,
      "traces",
      (context) => {
        const start = nowNanos(context);
        return {
          body: protobufRequest(
            Array.from({ length: 5 }, (_unused, k) =>
              protobufSpan(context, { start, end: start + 9_007_199_254_740_000_000n + BigInt(n * 7_000 + k * 1_000) }),
            ),
          ),
          records: 5,
        };
      },
      { http: otlpAccepted({ rejected: 5 }), grpc: otlpAccepted({ rejected: 5 }) },
    ),
  ).flat(),
  ...["0", "-1", "1.5", "now", max].map((timeUnixNano) =>
    logs("41", `a log record at ${timeUnixNano}`, () => [{ timeUnixNano }, {}], otlpAccepted({ rejected: 1 })),
  ),
];

const tree = (name: string, parentOf: (index: number, spanIds: readonly string[]) => string | undefined, count: number): HostileCase =>
  http(
    "42",
    name,
    (context) => {
      const traceId = context.newHex(16);
      const spanIds = Array.from({ length: count }, () => context.newHex(8));
      const records = spanIds.map((spanId, index) => jsonSpan(context, { parentSpanId: parentOf(index, spanIds) }, { traceId, spanId }));
      return {
        path: "/v1/traces",
        otlp: "json",
        body: JSON.stringify(jsonRequest("traces", records)),
        records: count,
        storedIds: spanIds.slice(0, 20).map((spanId) => eventIdOfSpan({ traceId, spanId })),
      };
    },
    otlpAccepted(),
    10_000,
  );
const trees = [
  tree("a span that is its own parent", (index, ids) => ids[index], 1),
  tree("two spans that are parents of each other", (index, ids) => ids[1 - index], 2),
  tree("a chain of 5,000 parents", (index, ids) => ids[index - 1], 5_000),
  tree("5,000 children of one", (index, ids) => (index === 0 ? undefined : ids[0]), 5_000),
  tree("a ring of 1,000", (index, ids) => ids[(index + 1) % ids.length], 1_000),
];

/** On a log record, because all of its attributes are read. */
const value = (name: string, anyValue: unknown, expect: Parameters<typeof otlpJson>[4]) =>
  logs("43", name, () => [{ attributes: [{ key: "a", value: anyValue }] }, {}], expect);
const values = [
  value("only an intValue of 2^63 is dropped", { intValue: "9223372036854775808" }, otlpAccepted()),
  value("intValue 2^63 - 1", { intValue: "9223372036854775807" }, otlpAccepted()),
  value("intValue -2^63", { intValue: "-9223372036854775808" }, otlpAccepted()),
  value("intValue 1.5", { intValue: 1.5 }, one("bad_number")),
  value("intValue of text", { intValue: canary }, one("bad_number")),
  value("only a doubleValue NaN is dropped", { doubleValue: "NaN" }, otlpAccepted()),
  value("only a doubleValue -Infinity is dropped", { doubleValue: "-Infinity" }, otlpAccepted()),
  value("two values", { stringValue: "a", intValue: "1" }, one("bad_value")),
  value("bytes that are not base64", { bytesValue: "***" }, one("bad_value")),
  value("bytes in base64 for URLs", { bytesValue: "_-8=" }, otlpAccepted()),
  value("a lone surrogate becomes U+FFFD", { stringValue: "\ud800" }, otlpAccepted()),
  value("no value", {}, otlpAccepted()),
  value("null", null, otlpAccepted()),
  value("a value of text", canary, one("bad_type")),
  value("a list of values", [1], one("bad_type")),
  value("boolValue of text", { boolValue: "true" }, one("bad_type")),
  value("stringValue of a number", { stringValue: 1 }, one("bad_type")),
  value("arrayValue of a list", { arrayValue: [1] }, one("bad_type")),
  value("kvlistValue with __proto__", { kvlistValue: { values: [{ key: "__proto__", value: { stringValue: "x" } }] } }, otlpAccepted()),
  logs("43", "attributes of a text", () => [{ attributes: canary }, {}], one("bad_type")),
  logs("43", "attributes of nulls", () => [{ attributes: [null] }, {}], one("bad_type")),
  logs("43", "an attribute without a key", () => [{ attributes: [{ value: { stringValue: "x" } }] }], otlpAccepted()),
  logs("43", "an attribute twice", () => [{ attributes: [textPair("a", "1"), textPair("a", "2")] }], otlpAccepted()),
  logs("43", "a severity of text", () => [{ severityNumber: "SEVERITY_NUMBER_INFO" }, {}], one("bad_enum")),
  logs("43", "a severity of 2^31", () => [{ severityNumber: 2 ** 31 }, { severityNumber: -5 }], otlpAccepted()),
  spans("43", "a kind by name", () => [{ kind: "SPAN_KIND_SERVER" }, {}], one("bad_enum")),
  spans("43", "a kind of 99", () => [{ kind: 99 }, { kind: -1 }], otlpAccepted()),
  spans("43", "a status of text", () => [{ status: canary }, {}], one("bad_type")),
  logs("43", "an unknown event by log record", () => [{ eventName: canary }, {}], one("unknown_event_type")),
  logs(
    "43",
    "an event by log record with an unknown property",
    () => [{ eventName: "vote_content", attributes: [textPair("mood", canary)] }, {}],
    one("unknown_property"),
  ),
  logs(
    "43",
    "a valid event by log record",
    () => [
      {
        eventName: "vote_content",
        attributes: [textPair("contentId", "movie:862"), textPair("vote", "like"), textPair("user.id", "user-1")],
      },
    ],
    otlpAccepted(),
  ),
  logs(
    "43",
    "an event by log record that names a prototype",
    () => [
      {
        eventName: "vote_content",
        attributes: [textPair("contentId", "movie:862"), textPair("vote", "like"), textPair("constructor", "x")],
      },
    ],
    one("unknown_property"),
  ),
];

const point = (
  row: string,
  name: string,
  kind: string,
  changes: Readonly<Record<string, unknown>>,
  expect: Parameters<typeof otlpJson>[4],
) => metrics(row, name, (context) => [jsonMetric(context, kind, [changes]), jsonMetric(context, "gauge", [{ asDouble: 1 }])], expect);
const points = [
  point(
    "44",
    "too many counts for the bounds",
    "histogram",
    { count: "3", sum: 1, bucketCounts: ["1", "1", "1"], explicitBounds: [1] },
    one("bad_histogram"),
  ),
  point("44", "counts without bounds", "histogram", { count: "2", bucketCounts: ["1", "1"], explicitBounds: [] }, one("bad_histogram")),
  point(
    "44",
    "descending bounds",
    "histogram",
    { count: "3", bucketCounts: ["1", "1", "1"], explicitBounds: [2, 1] },
    one("bad_histogram"),
  ),
  point(
    "44",
    "bounds of NaN",
    "histogram",
    { count: "3", bucketCounts: ["1", "1", "1"], explicitBounds: ["NaN", 1] },
    one("bad_histogram"),
  ),
  point(
    "44",
    "a count that differs from the sum of its buckets",
    "histogram",
    { count: "9", bucketCounts: ["1", "1"], explicitBounds: [1] },
    one("bad_histogram"),
  ),
  point("44", "a negative count", "histogram", { count: "-1" }, one("bad_count")),
  point("44", "a count of 2^64 - 1", "histogram", { count: max }, one("bad_count")),
  point("44", "a fractional count", "histogram", { count: 1.5 }, one("bad_count")),
  point("44", "negative buckets", "histogram", { count: "0", bucketCounts: ["-1", "1"], explicitBounds: [1] }, one("bad_count")),
  point("44", "a sum of NaN", "histogram", { count: "0", sum: "NaN" }, one("bad_number")),
  point("44", "a gauge of NaN", "gauge", { asDouble: "NaN" }, one("bad_number")),
  point("44", "a gauge with two values", "gauge", { asDouble: 1, asInt: "1" }, one("bad_value")),
  point("44", "a gauge without a value", "gauge", {}, one("value_missing")),
  point("44", "a gauge of 1e308", "gauge", { asDouble: 1e308 }, otlpAccepted()),
  point("44", "a sum of -1e308", "sum", { asDouble: -1e308 }, otlpAccepted()),
  point("44", "a sum of 2^63 - 1", "sum", { asInt: "9223372036854775807" }, otlpAccepted()),
  point(
    "44",
    "an exponential histogram of a million offsets",
    "exponentialHistogram",
    { count: "1", scale: 20, positive: { offset: 2_147_483_647, bucketCounts: ["1"] } },
    otlpAccepted(),
  ),
  point(
    "44",
    "an exponential histogram whose buckets differ from its count",
    "exponentialHistogram",
    { count: "5", positive: { bucketCounts: ["1"] } },
    one("bad_histogram"),
  ),
  point(
    "44",
    "a summary of quantiles beyond 1",
    "summary",
    { count: "1", sum: 1, quantileValues: [{ quantile: 7, value: -1 }] },
    otlpAccepted(),
  ),
  metrics(
    "44",
    "a metric without a name",
    (context) => [jsonMetric(context, "gauge", [{ asDouble: 1 }], { name: "" })],
    otlpAccepted({ rejected: 1, code: "name_missing" }),
  ),
  metrics(
    "44",
    "a metric of 4,097 buckets",
    (context) => [
      jsonMetric(context, "histogram", [
        { count: "0", bucketCounts: new Array(4_098).fill("0"), explicitBounds: Array.from({ length: 4_097 }, (_, n) => n) },
      ]),
    ],
    otlpAccepted({ rejected: 1, code: "too_many_buckets" }),
  ),
];

/** The same bytes several times. */
const again = (
  name: string,
  path: string,
  otlp: "json" | "protobuf",
  make: (context: HostileContext) => { body: Buffer | string; records: number; storedIds?: readonly string[] },
): HostileCase => ({
  row: "45",
  name,
  expect: (seen) =>
    seen.answers.length === 3 ? otlpAccepted()({ ...seen, answers: seen.answers.slice(-1) }) : ["not every request was answered"],
  send: async (context): Promise<Observation> => {
    const { body, records, storedIds = [] } = make(context);
    const headers = { "content-type": otlp === "json" ? "application/json" : "application/x-protobuf" };
    const answers: Observation["answers"][number][] = [];
    for (let time = 0; time < 3; time++) {
      const answer = await send(context, { path, headers, body });
      if (answer !== null) answers.push(answer);
    }
    return { answers, otlp, records: records * 3, storedIds };
  },
});
const resent = [
  again("a batch of spans three times", "/v1/traces", "protobuf", (context) => {
    const ids = [newSpanIds(context), newSpanIds(context)];
    return {
      body: protobufRequest(ids.map((each) => protobufSpan(context, { ids: each }))),
      records: 2,
      storedIds: ids.map(eventIdOfSpan),
    };
  }),
  again("a batch of log records three times", "/v1/logs", "json", (context) => ({
    body: JSON.stringify(jsonRequest("logs", [jsonLog(context), jsonLog(context)])),
    records: 2,
  })),
  again("a batch of points three times", "/v1/metrics", "json", (context) => ({
    body: JSON.stringify(jsonRequest("metrics", [jsonMetric(context, "gauge", [{ asDouble: 1 }, { asDouble: 2 }])])),
    records: 2,
  })),
  http(
    "45",
    "a span twice in one batch",
    (context) => {
      const ids = newSpanIds(context);
      return {
        path: "/v1/traces",
        otlp: "protobuf",
        headers: { "content-type": "application/x-protobuf" },
        body: protobufRequest([protobufSpan(context, { ids }), protobufSpan(context, { ids })]),
        records: 2,
        storedIds: [eventIdOfSpan(ids)],
      };
    },
    otlpAccepted(),
  ),
];

const minute = 60_000_000_000n;
const series = (
  context: HostileContext,
  kind: string,
  temporality: number,
  points: readonly (readonly [start: bigint, at: bigint, value: number])[],
) => {
  const now = nowNanos(context);
  const attributes = [textPair("series", context.newEventId())];
  const dataPoints = points.map(([start, at, asDouble]) => ({
    attributes,
    startTimeUnixNano: String(now - start * minute),
    timeUnixNano: String(now - at * minute),
    asDouble,
  }));
  return [{ name: "requests", [kind]: { aggregationTemporality: temporality, isMonotonic: true, dataPoints } }];
};
const backwards = [
  metrics(
    "46",
    "a cumulative sum that decreases",
    (context) =>
      series(context, "sum", 2, [
        [60n, 3n, 100],
        [60n, 2n, 200],
        [60n, 1n, 5],
      ]),
    otlpAccepted(),
  ),
  metrics(
    "46",
    "a cumulative sum that restarts",
    (context) =>
      series(context, "sum", 2, [
        [60n, 3n, 100],
        [2n, 1n, 5],
      ]),
    otlpAccepted(),
  ),
  metrics(
    "46",
    "deltas out of order",
    (context) =>
      series(context, "sum", 1, [
        [2n, 1n, 7],
        [4n, 3n, 8],
        [3n, 2n, 9],
      ]),
    otlpAccepted(),
  ),
  metrics(
    "46",
    "points that overlap",
    (context) =>
      series(context, "sum", 1, [
        [9n, 1n, 7],
        [8n, 2n, 8],
      ]),
    otlpAccepted(),
  ),
  metrics(
    "46",
    "a start after the time of the point",
    (context) =>
      series(context, "sum", 1, [
        [1n, 3n, 7],
        [4n, 3n, 8],
      ]),
    one("start_after_time"),
  ),
  metrics("46", "an unknown temporality", (context) => series(context, "sum", 7, [[2n, 1n, 7]]), otlpAccepted()),
  metrics("46", "a negative amount of a monotonic sum", (context) => series(context, "sum", 1, [[2n, 1n, -7]]), otlpAccepted()),
];

const labels = [
  ...[0, 1].map((half) =>
    metrics(
      "47",
      `10,000 label sets, ${half + 1} of 2`,
      (context) => [
        jsonMetric(
          context,
          "gauge",
          Array.from({ length: 10_000 }, (_, n) => ({ asDouble: n, attributes: [textPair("http.route", `/${half}/${n}`)] })),
        ),
      ],
      otlpAccepted(),
    ),
  ),
  metrics(
    "47",
    "5,000 metric names",
    (context) => Array.from({ length: 5_000 }, (_, n) => jsonMetric(context, "gauge", [{ asDouble: 1 }], { name: `metric.${n}` })),
    otlpAccepted(),
  ),
  manyServices(),
  spans(
    "47",
    "5,000 routes",
    () =>
      Array.from({ length: 5_000 }, (_, n) => ({
        attributes: [textPair("http.route", `/r${n % 7}/${String.fromCharCode(97 + (n % 26))}${n}`)],
      })),
    otlpAccepted(),
  ),
  logs(
    "47",
    "5,000 loggers",
    () => Array.from({ length: 5_000 }, (_, n) => ({ attributes: [textPair("logger", `l${n}`)] })),
    otlpAccepted(),
  ),
];

function manyServices(): HostileCase {
  const made = http(
    "47",
    "the overflow of 4,000 services is reported",
    (context) => {
      const groups = Array.from(
        { length: 4_000 },
        (_, n) =>
          jsonRequest("traces", [jsonSpan(context)], { attributes: [textPair("service.name", `service-${n}`)] })[
            "resourceSpans"
          ] as unknown[],
      );
      return { path: "/v1/traces", otlp: "json", body: JSON.stringify({ resourceSpans: groups.flat() }), records: 4_000 };
    },
    otlpAccepted(),
    10_000,
  );
  const overflow = /^trinity_ingest_overflowed_values\{dimension="service"\} [1-9]/m;
  return {
    ...made,
    send: async (context) => {
      const seen = await made.send(context);
      const { text } = await readMetrics(context);
      return overflow.test(text) ? seen : { ...seen, answers: [] };
    },
  };
}

const forgery = 'x"} 1\ntrinity_ingest_events_total{outcome="accepted"} 999999\n#';
const forgeries = [
  metrics(
    "48",
    "a metric's name that forges lines",
    (context) => [jsonMetric(context, "gauge", [{ asDouble: 1 }], { name: forgery })],
    either(otlpAccepted(), otlpAccepted({ rejected: 1 })),
  ),
  metrics(
    "48",
    "a unit that forges lines",
    (context) => [jsonMetric(context, "gauge", [{ asDouble: 1 }], { unit: forgery })],
    otlpAccepted(),
  ),
  metrics(
    "48",
    "an attribute that forges lines",
    (context) => [jsonMetric(context, "gauge", [{ asDouble: 1, attributes: [textPair("http.route", forgery)] }])],
    otlpAccepted(),
  ),
  http(
    "48",
    "a service that forges lines",
    (context) => ({
      path: "/v1/traces",
      otlp: "json",
      body: JSON.stringify(jsonRequest("traces", [jsonSpan(context)], { attributes: [textPair("service.name", forgery)] })),
      records: 1,
    }),
    otlpAccepted(),
  ),
  spans("48", "a route that forges lines", () => [{ attributes: [textPair("http.route", forgery)], name: forgery }], otlpAccepted()),
];

const trips = [
  "a".repeat(100_000),
  " ".repeat(100_000),
  `${"a".repeat(50_000)}!`,
  "(".repeat(100_000),
  `${"1".repeat(99_999)}x`,
  "a.".repeat(50_000),
  "a-".repeat(50_000),
  "/:".repeat(50_000),
  "0-".repeat(50_000),
];
const regularExpressions = trips.flatMap((text) => [
  otlpJson(
    "58",
    `a span full of ${JSON.stringify(text.slice(0, 6))}`,
    "traces",
    (context) => [
      jsonSpan(context, {
        name: text,
        attributes: ["http.route", "rpc.method", "graphql.operation.name", "db.operation.name", "error.type"].map((key) =>
          textPair(key, text),
        ),
      }),
    ],
    otlpAccepted(),
    1_000,
  ),
  otlpJson(
    "58",
    `a log record full of ${JSON.stringify(text.slice(0, 6))}`,
    "logs",
    (context) => [
      jsonLog(context, {
        severityText: text,
        body: { stringValue: text },
        attributes: [textPair("exception.type", text), textPair("note", text)],
      }),
    ],
    otlpAccepted(),
    1_000,
  ),
]);

const texts = [
  logs(
    "52",
    "lone surrogates in every text of a log record",
    () => [{ body: { stringValue: "\ud800" }, severityText: "\udc00", attributes: [textPair("\ud800", "\udfff")] }],
    otlpAccepted(),
  ),
  spans(
    "52",
    "lone surrogates in every text of a span",
    () => [{ name: "\ud800", attributes: [textPair("http.route", "\udc00")] }],
    otlpAccepted(),
  ),
  ...otlpProtobuf(
    "52",
    "invalid UTF-8 in a name",
    "traces",
    (context) => ({ body: protobufRequest([protobufSpan(context, { more: [bytesField(5, Buffer.from("ff80c0", "hex"))] })]), records: 1 }),
    { http: otlpAccepted(), grpc: otlpAccepted() },
  ),
  logs(
    "54",
    "a log record that forges lines",
    () => [
      {
        body: { stringValue: `a\r\n{"level":60,"msg":"${canary}"}` },
        severityText: "\x1b[31m",
        attributes: [textPair("exception.type", "a\nb")],
      },
    ],
    otlpAccepted(),
  ),
  spans(
    "57",
    "spans from the far future and past",
    (context) =>
      [-40n * 1440n, 60n, 3_650n * 1440n].map((minutes) => ({
        startTimeUnixNano: String(nowNanos(context) + minutes * minute),
        endTimeUnixNano: String(nowNanos(context) + minutes * minute),
      })),
    otlpAccepted({ rejected: 3 }),
  ),
];

export const otlpCases: readonly HostileCase[] = [
  ...unknown,
  ...badIds,
  ...spanTimes,
  ...trees,
  ...values,
  ...points,
  ...resent,
  ...backwards,
  ...labels,
  ...forgeries,
  ...regularExpressions,
  ...texts,
];
