import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import { encodeMetrics, sdkMetrics, taken } from "./otlp-requests.testing.ts";

const [started, first, second] = ["1795378500000000000", "1795378560000000000", "1795378620000000000"];
const attributesOf = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));

type Properties = { readonly series?: string; readonly startMs?: number; readonly state?: string };
function propertiesOf(...metrics: readonly object[]): readonly Properties[] {
  const { records, rejections } = taken(decodeOtlpJson("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  expect(rejections.byCode).toEqual({});
  return (eventsOfRecords("metrics", records) as { readonly properties: Properties }[]).map(({ properties }) => properties);
}

const histogram = (point: object, { name = "v8js.gc.duration", aggregationTemporality = 2, kind = "histogram" } = {}) => ({
  name,
  unit: "s",
  [kind]: { aggregationTemporality, dataPoints: [{ startTimeUnixNano: started, timeUnixNano: first, count: "1", sum: 1, ...point }] },
});
const gauge = (name: string, attributes: Readonly<Record<string, string>>, point: object = {}) => ({
  name,
  gauge: { dataPoints: [{ timeUnixNano: first, asDouble: 0.5, attributes: attributesOf(attributes), ...point }] },
});

describe("a point of a watched running total names its stream", () => {
  test("which is equal at another time, and differs for other attributes and another start", () => {
    const [one, later, other, restarted] = propertiesOf(
      histogram({}),
      histogram({ timeUnixNano: second, count: "5" }),
      histogram({ attributes: attributesOf({ "v8js.gc.type": "major" }) }),
      histogram({ startTimeUnixNano: first, timeUnixNano: second }),
    );
    expect(later?.series).toBe(one?.series);
    expect(new Set([one, other, restarted].map((each) => each?.series)).size).toBe(3);
    expect(one?.startMs).toBe(1_795_378_500_000);
  });

  test.each(["exponentialHistogram", "summary"])("%s too", (kind) => {
    expect(propertiesOf(histogram({}, { kind }))).toMatchObject([{ series: expect.any(String), startMs: expect.any(Number) }]);
  });

  test("without a known start if the start is missing, or equals the time of the point", () => {
    const points = propertiesOf(histogram({ startTimeUnixNano: "0" }), histogram({ startTimeUnixNano: first }));
    for (const point of points) expect(point).toEqual(expect.not.objectContaining({ startMs: expect.anything() }));
    for (const { series } of points) expect(series).toBeDefined();
  });

  test("a delta, a gauge without states and an unwatched metric name none", () => {
    const points = propertiesOf(
      histogram({}, { aggregationTemporality: 1 }),
      gauge("process.memory.usage", {}),
      histogram({}, { name: "http.server.request.duration" }),
      gauge("system.memory.usage", { "system.memory.state": "free" }),
    );
    for (const point of points) expect(point).not.toHaveProperty("series");
  });
});

test.each([
  ["system.cpu.utilization", "system.cpu.state", "user", "idle"],
  ["system.cpu.utilization", "cpu.mode", "user", "idle"],
  ["system.cpu.utilization", "state", "user", "idle"],
  ["system.memory.utilization", "system.memory.state", "used", "free"],
  ["system.memory.utilization", "memory.state", "used", "cached"],
  ["process.cpu.utilization", "process.cpu.state", "user", "idle"],
  ["process.cpu.utilization", "cpu.mode", "user", "idle"],
  ["system.cpu.utilization", "cpu.state", "user", "idle"],
  ["system.cpu.utilization", "mode", "user", "idle"],
  ["system.cpu.utilization", "cpuState", "user", "idle"],
  ["system.cpu.utilization", "CPU.STATE ", "user", "idle"],
  ["system.cpu.utilization", "cpu-state", "user", "idle"],
  ["system.cpu.utilization", "status", "system", "idle"],
  ["system.cpu.utilization", "type", "system", "iowait"],
  ["system.memory.utilization", "kind", "used", "cached"],
  ["process.cpu.utilization", "type", "user", "wait"],
])("%s by %s: states are of one series, processors are not", (metric, attribute, use, rest) => {
  const [user, idle, other] = propertiesOf(
    gauge(metric, { [attribute]: use, "system.cpu.logical_number": "0" }),
    gauge(metric, { [attribute]: rest, "system.cpu.logical_number": "0" }),
    gauge(metric, { [attribute]: use, "system.cpu.logical_number": "1" }),
  );
  expect([user?.state, idle?.state]).toEqual([use, rest]);
  expect(idle?.series).toBe(user?.series);
  expect(other?.series).not.toBe(user?.series);
});

test("the two encodings name the same stream", () => {
  const descriptor = { name: "v8js.gc.duration", unit: "s", description: "", valueType: 1, type: "HISTOGRAM" };
  const value = { buckets: { boundaries: [5], counts: [1, 2] }, count: 3, sum: 9 };
  const dataPoints = [{ startTime: [1_795_378_500, 0], endTime: [1_795_378_560, 0], attributes: { "v8js.gc.type": "major" }, value }];
  const { json, protobuf } = encodeMetrics(sdkMetrics([{ descriptor, aggregationTemporality: 1, dataPointType: 0, dataPoints }]));
  const events = [decodeOtlpJson("metrics", json), decodeOtlpProtobuf("metrics", protobuf)].map((each) =>
    eventsOfRecords("metrics", taken(each).records),
  );
  expect(events[0]).toEqual(events[1]);
  expect(events[0]).toMatchObject([{ properties: { series: expect.any(String), startMs: 1_795_378_500_000 } }]);
});

test("an ambiguous watched metric is rejected with its reason, and the other points are accepted", () => {
  const level = (aggregationTemporality: number, isMonotonic = false) => ({
    name: "process.memory.usage",
    sum: { aggregationTemporality, isMonotonic, dataPoints: [{ timeUnixNano: first, asInt: "1" }] },
  });
  const metrics = [
    { ...histogram({}), unit: "seconds" },
    { ...gauge("system.cpu.utilization", {}), unit: "By" },
    level(0),
    level(1),
    level(2),
    { ...gauge("process.cpu.utilization", {}), unit: "%" },
    { ...gauge("http.queue", {}), unit: "furlong" },
  ];
  const { records, rejections } = taken(decodeOtlpJson("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  expect(records).toHaveLength(3);
  expect(rejections.byCode).toEqual({ unknown_unit: 2, level_unknown: 1, temporality_unknown: 1 });
});

test("a state is read in any case and with blanks around it", () => {
  const states = propertiesOf(...["Idle", "idle ", "IOWAIT"].map((state) => gauge("system.cpu.utilization", { "cpu.mode": state })));
  expect(states.map(({ state }) => state)).toEqual(["idle", "idle", "iowait"]);
});

test("a state that may be use or rest is rejected with its reason, in both encodings, and the other points are accepted", () => {
  const points: readonly (readonly [string, string, unknown])[] = [
    ["system.memory.utilization", "system.memory.state", "wired"],
    ["system.memory.utilization", "memory.state", "active"],
    ["system.memory.utilization", "state", "used"],
    ["system.memory.utilization", "state", "idle"],
    ["system.cpu.utilization", "cpu.mode", ""],
    ["system.cpu.utilization", "cpu.mode", 3],
    ["system.cpu.utilization", "cpu.mode", "constructor"],
    ["system.memory.utilization", "memoryState", "wired"],
    ["system.cpu.utilization", "CPU-Mode ", "busy"],
    ["process.cpu.utilization", "app.mode", "canary"],
    ["system.memory.usage", "system.memory.state", "wired"],
  ];
  const metrics = points.map(([name, attribute, value], i) => ({
    descriptor: { name, unit: "1", description: "", valueType: 1, type: "GAUGE" },
    aggregationTemporality: 1,
    dataPointType: 2,
    dataPoints: [{ startTime: [1_795_378_500, 0], endTime: [1_795_378_560, i], attributes: { [attribute]: value }, value: 0.5 }],
  }));
  const { json, protobuf } = encodeMetrics(sdkMetrics(metrics as never));
  for (const decoded of [decodeOtlpJson("metrics", json), decodeOtlpProtobuf("metrics", protobuf)]) {
    const { records, rejections } = taken(decoded);
    expect(rejections.byCode).toEqual({ unknown_state: 8 });
    expect(records.map(({ attributes }) => Object.values(attributes))).toEqual([["used"], ["canary"], ["wired"]]);
  }
});

const anySplitMetric = fc.constantFrom(
  { metric: "system.cpu.utilization", use: ["user", "system", "steal"], rest: ["idle", "iowait"] },
  { metric: "process.cpu.utilization", use: ["user", "system"], rest: ["wait"] },
  { metric: "system.memory.utilization", use: ["used"], rest: ["free", "cached", "buffered"] },
);
const anyStateName = fc.oneof(
  fc.constantFrom("state", "cpu.mode", "system.cpu.state", "system.memory.state", "cpuState", "status", "type", "kind", "class"),
  fc.string({ minLength: 1, unit: "grapheme" }).filter((name) => name !== "core" && name !== "__proto__"),
);
const anySplit = fc.record({
  split: anySplitMetric,
  names: fc.uniqueArray(anyStateName, { minLength: 1, maxLength: 3 }),
  spelling: fc.constantFrom(
    (state: string) => state,
    (state: string) => state.toUpperCase(),
    (state: string) => ` ${state}\t`,
  ),
});

test("a state of the metric is the state of its point for any name and number of attributes", () => {
  fc.assert(
    fc.property(anySplit, ({ split: { metric, use, rest }, names, spelling }) => {
      const states = [...use, ...rest];
      const pointOf = (state: string, core: string) =>
        gauge(metric, { core, ...Object.fromEntries(names.map((name) => [name, spelling(state)])) });
      const points = propertiesOf(...states.map((state) => pointOf(state, "0")), pointOf(use[0] as string, "1"));
      const [conventional, other] = propertiesOf(...["0", "1"].map((core) => gauge(metric, { core, state: use[0] as string })));
      expect(points.map(({ state }) => state)).toEqual([...states, use[0]]);
      expect(new Set(points.slice(0, -1).map(({ series }) => series))).toEqual(new Set([conventional?.series]));
      expect(points.at(-1)?.series).toBe(other?.series);
    }),
    { numRuns: 200 },
  );
});

test("two attributes of use and rest reject the point, with any names and in any order", () => {
  const anyContradiction = anySplit
    .filter(({ names }) => names.length > 1)
    .chain(({ split: { metric, use, rest }, names, spelling }) =>
      fc.tuple(fc.constantFrom(...use), fc.constantFrom(...rest), fc.boolean()).map(([used, rested, isRestFirst]) => ({
        metric,
        attributes: names.map((name, i) => [name, spelling((i === 0) === isRestFirst ? rested : used)]),
      })),
    );
  fc.assert(
    fc.property(anyContradiction, ({ metric, attributes }) => {
      const metrics = [gauge(metric, Object.fromEntries(attributes))];
      const { records, rejections } = taken(decodeOtlpJson("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
      expect(records).toEqual([]);
      expect(rejections.byCode).toEqual({ unknown_state: 1 });
    }),
    { numRuns: 200 },
  );
});

test("two words for states of one kind are one state, the one of the attribute that is named after it", () => {
  const [one, another, plain] = propertiesOf(
    gauge("system.cpu.utilization", { type: "wait", "cpu.mode": "iowait" }),
    gauge("system.cpu.utilization", { "cpu.mode": "interrupt", state: "softirq" }),
    gauge("system.cpu.utilization", { "cpu.mode": "idle" }),
  );
  expect([one?.state, another?.state]).toEqual(["iowait", "interrupt"]);
  expect([one?.series, another?.series]).toEqual([plain?.series, plain?.series]);
});

test.each([
  ["system.cpu.utilization", { cpu: "0" }, { cpu: "1" }],
  ["system.cpu.utilization", { device: "used" }, { device: "free" }],
  ["system.memory.utilization", { owner: "user" }, { owner: "system" }],
  ["system.memory.utilization", { node: "cached-0" }, { node: "used by 1" }],
  ["process.memory.usage", { type: "used" }, { type: "free" }],
  ["nodejs.eventloop.delay.mean", { state: "idle" }, { state: "user" }],
])("%s: %o and %o name no state of it, so each point counts by itself", (metric, one, another) => {
  for (const point of propertiesOf(gauge(metric, one), gauge(metric, another))) {
    expect(point).not.toHaveProperty("state");
    expect(point).not.toHaveProperty("series");
  }
});

test("an attribute that names no state of the metric distinguishes series, beside one that does", () => {
  const [one, another] = propertiesOf(
    ...["performance", "efficiency"].map((type) => gauge("system.cpu.utilization", { type, "cpu.mode": "idle", state: "running" })),
  );
  expect([one?.state, another?.state]).toEqual(["idle", "idle"]);
  expect(one?.series).not.toBe(another?.series);
});
