import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { taken } from "./otlp-requests.testing.ts";

const timeUnixNano = "1795378504120456789";
const text = (value: string) => ({ stringValue: value });
const attributes = (entries: Readonly<Record<string, string>>) =>
  Object.entries(entries).map(([key, value]) => ({ key, value: text(value) }));

function idsOf(signal: OtlpSignal, body: unknown): string[] {
  const { records } = taken(decodeOtlpJson(signal, body));
  return eventsOfRecords(signal, records as never).map((event) => (event as { eventId: string }).eventId);
}

const logs = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const log = { timeUnixNano, severityNumber: 9, body: text("started"), attributes: attributes({ a: "1", b: "2" }) };

describe("ids of log records", () => {
  test("a request that is sent again has the same ids", () => {
    expect(idsOf("logs", logs(log, log, log))).toEqual(idsOf("logs", logs(log, log, log)));
  });

  test("identical records of one request are that many facts", () => {
    expect(new Set(idsOf("logs", logs(log, log, log))).size).toBe(3);
  });

  test("the order of attributes does not matter", () => {
    expect(idsOf("logs", logs(log))).toEqual(idsOf("logs", logs({ ...log, attributes: log.attributes.toReversed() })));
  });

  test.each([
    ["body", { body: text("stopped") }],
    ["type of the body", { body: { arrayValue: { values: [text("started")] } } }],
    ["nanosecond", { timeUnixNano: "1795378504120456790" }],
    ["observed time", { observedTimeUnixNano: timeUnixNano }],
    ["severity", { severityNumber: 10 }],
    ["severity text", { severityText: "INFO" }],
    ["attribute", { attributes: attributes({ a: "1", b: "3" }) }],
    ["trace", { traceId: "5b8efff798038103d269b633813fc60c" }],
  ])("another %s is another fact", (_, fields) => {
    expect(idsOf("logs", logs({ ...log, ...fields }))).not.toEqual(idsOf("logs", logs(log)));
  });

  test("an event without an id of its own gets the id of its record", () => {
    const [plain] = idsOf("logs", logs({ ...log, eventName: "leave_room" }));
    expect(plain).toMatch(/^log:[0-9a-f]{40}$/);
  });
});

const metrics = (point: unknown, metric: object = {}, resource: object = {}) => ({
  resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: "votes", sum: { dataPoints: [point] }, ...metric }] }] }],
});
const point = { timeUnixNano, startTimeUnixNano: "1795378504000000000", asInt: "5", attributes: attributes({ room: "1" }) };

describe("ids of metric points", () => {
  test("the same point sent again is the same fact, also with a corrected value", () => {
    expect(idsOf("metrics", metrics(point))).toEqual(idsOf("metrics", metrics({ ...point, asInt: "6" })));
  });

  test.each([
    ["metric", metrics(point, { name: "matches" })],
    ["attribute, though the event does not carry it", metrics({ ...point, attributes: attributes({ room: "2" }) })],
    ["time", metrics({ ...point, timeUnixNano: "1795378504120456790" })],
    ["start", metrics({ ...point, startTimeUnixNano: "1795378503000000000" })],
    ["resource", metrics(point, {}, { attributes: attributes({ "host.name": "b" }) })],
  ])("another %s is another fact", (_, body) => {
    expect(idsOf("metrics", body)).not.toEqual(idsOf("metrics", metrics(point)));
  });

  test("only listed attributes are in the event", () => {
    const body = metrics({ ...point, attributes: attributes({ "cpu.mode": "user", "user.id": "u-1", state: "idle" }) });
    const { records } = taken(decodeOtlpJson("metrics", body));
    expect(eventsOfRecords("metrics", records)).toMatchObject([{ properties: { attributes: ["state=idle", "cpu.mode=user"] } }]);
  });
});

test("every id fits the 64 characters of an event id", () => {
  const ids = [...idsOf("logs", logs(...Array.from({ length: 10_000 }, () => log))), ...idsOf("metrics", metrics(point))];
  expect(ids.every((id) => /^[\x21-\x7e]{1,64}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(10_001);
});
