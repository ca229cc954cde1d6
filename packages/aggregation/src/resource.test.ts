import { expect, test } from "vitest";
import { observedResource, resourceOf } from "./resource.ts";
import { storedEvent } from "./stored-event.testing.ts";

const storedPoint = (metric: string, properties: Readonly<Record<string, number | string>>) =>
  storedEvent({ at: 0, eventType: "metric_point", properties: { metric, service: "trinity-vote", kind: "gauge", ...properties } });

test.each([
  ["process.cpu.utilization", "cpu", 0.25, 250_000],
  ["system.cpu.utilization", "host_cpu", 1, 1_000_000],
  ["process.memory.usage", "memory", 256 * 1_048_576, 256_000_000],
  ["system.memory.utilization", "host_memory", 0.5, 500_000],
  ["nodejs.eventloop.delay.mean", "event_loop_delay", 0.012, 12_000],
  ["nodejs.eventloop.delay.p99", "event_loop_delay", 0.1, 100_000],
  ["v8js.gc.duration", "gc", 0.003, 3_000],
  ["db.client.operation.duration", "store_latency", 0.0005, 500],
])("%s tells of %s, in millionths", (metric, resource, value, millionths) => {
  expect(resourceOf(storedPoint(metric, { value }))).toBe(resource);
  expect(observedResource(storedPoint(metric, { value }))).toEqual({ count: 1, sumMillionths: millionths });
});

test("a histogram is its mean as often as it counts", () => {
  expect(observedResource(storedPoint("v8js.gc.duration", { count: 4, sum: 0.01 }))).toEqual({ count: 4, sumMillionths: 10_000 });
  expect(observedResource(storedPoint("v8js.gc.duration", { count: 0, sum: 0 }))).toBeNull();
});

test("what is negative, too large to add up exactly, or of no watched resource is left out", () => {
  expect(observedResource(storedPoint("process.cpu.utilization", { value: -0.1 }))).toBeNull();
  expect(observedResource(storedPoint("process.cpu.utilization", { value: 1.1e7 }))).toBeNull();
  expect(observedResource(storedPoint("v8js.gc.duration", { count: Number.MAX_SAFE_INTEGER, sum: 1 }))).toBeNull();
  expect(observedResource(storedPoint("v8js.gc.duration", { count: 1e9, sum: 1.1e7 }))).toBeNull();
  expect(observedResource(storedPoint("http.server.active_requests", { value: 3 }))).toBeNull();
  expect(resourceOf(storedEvent({ at: 0, properties: { metric: "process.cpu.utilization" } }))).toBeUndefined();
});

test("a unit is converted, and one that is none of the metric leaves the point out", () => {
  const inUnit = (metric: string, unit: string, value: number) => observedResource(storedPoint(metric, { value, unit }));
  expect(inUnit("db.client.operation.duration", "ms", 250)).toEqual({ count: 1, sumMillionths: 250_000 });
  expect(inUnit("process.memory.usage", "MBy", 100)).toEqual({ count: 1, sumMillionths: 95_367_432 });
  expect(inUnit("process.cpu.utilization", "%", 50)).toEqual({ count: 1, sumMillionths: 500_000 });
  expect(inUnit("process.cpu.utilization", "By", 50)).toBeNull();
});

test("a point that means something only together with others says nothing by itself", () => {
  expect(observedResource(storedPoint("v8js.gc.duration", { count: 4, sum: 0.01, series: "s" }))).toBeNull();
  expect(observedResource(storedPoint("system.cpu.utilization", { value: 0.5, series: "s", state: "user" }))).toBeNull();
});
