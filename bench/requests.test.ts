import { gunzipSync } from "node:zlib";
import { parseEvent } from "@trinity/events/parse-event";
import { decodeOtlpProtobuf } from "@trinity/otlp/otlp-protobuf";
import { expect, test } from "vitest";
import { ingestRequests, type RequestFormat } from "./requests.ts";

const hourMs = 3_600_000;
const traffic = { seed: 1, events: 1_000, burst: 20, startMs: Date.UTC(2026, 10, 22), spanMs: hourMs };
const made = (format: RequestFormat) => ingestRequests({ traffic, format, batchEvents: 100, sends: 1 });

test.each(["json", "ndjson", "gzip", "demo", "otlp-protobuf", "otlp-json"] as const)("%s: all events, a hundred a request", (format) => {
  expect(made(format).map(({ events }) => events)).toEqual(Array.from({ length: 10 }, () => 100));
});

test("the catalogue accepts every event of the demo", () => {
  const rules = { nowMs: traffic.startMs + hourMs, eventAgeMaxMs: Number.POSITIVE_INFINITY };
  for (const { body } of made("demo"))
    for (const event of JSON.parse(body.toString()).events) expect(parseEvent(event, rules)).toMatchObject({ ok: true });
});

test("OTLP spans are decoded without a rejection", () => {
  const decoded = decodeOtlpProtobuf("traces", made("otlp-protobuf")[0]?.body as Buffer);
  expect(decoded).toMatchObject({ ok: true, value: { records: { length: 100 }, rejections: { count: 0 } } });
});

test("formats of the same votes carry the same events", () => {
  const [json, lines, zipped] = (["json", "ndjson", "gzip"] as const).map((format) => made(format)[3]?.body as Buffer);
  const { events } = JSON.parse(json?.toString() as string);
  expect(
    lines
      ?.toString()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(events);
  expect(JSON.parse(gunzipSync(zipped as Buffer).toString()).events).toEqual(events);
});

test("an event is 400 to 600 bytes of JSON", () => {
  const bytes = made("json").reduce((sum, { body }) => sum + body.length, 0) / traffic.events;
  expect(bytes).toBeGreaterThan(400);
  expect(bytes).toBeLessThan(600);
});

test("a request that is sent twice is sent twice in a row", () => {
  const [first, second, third] = ingestRequests({ traffic, format: "json", batchEvents: 100, sends: 2 });
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});
