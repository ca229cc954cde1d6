import { expect, test } from "vitest";
import { observedResource, resourceOf } from "./resource.ts";
import { storedEvent } from "./stored-event.testing.ts";

const point = (metric: string, properties: Readonly<Record<string, number>>) =>
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
  expect(resourceOf(point(metric, { value }))).toBe(resource);
  expect(observedResource(point(metric, { value }))).toEqual({ count: 1, millionths });
});

test("a histogram is its mean as often as it counts", () => {
  expect(observedResource(point("v8js.gc.duration", { count: 4, sum: 0.01 }))).toEqual({ count: 4, millionths: 2_500 });
  expect(observedResource(point("v8js.gc.duration", { count: 0, sum: 0 }))).toBeNull();
});

test("what is negative, too large to add up exactly, or of no watched resource is left out", () => {
  expect(observedResource(point("process.cpu.utilization", { value: -0.1 }))).toBeNull();
  expect(observedResource(point("process.cpu.utilization", { value: 1.1e9 }))).toBeNull();
  expect(observedResource(point("http.server.active_requests", { value: 3 }))).toBeNull();
  expect(resourceOf(storedEvent({ at: 0, properties: { metric: "process.cpu.utilization" } }))).toBeUndefined();
});
