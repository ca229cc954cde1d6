import { DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { withPrometheusName } from "./prometheus-name.ts";

function named(name: string, unit: string, dataPointType: DataPointType): string {
  const descriptor = { name, unit, description: "", valueType: 1, advice: {} };
  return withPrometheusName({ descriptor, dataPointType, dataPoints: [] } as unknown as MetricData).descriptor.name;
}

test.each([
  ["http.server.request.duration", "s", DataPointType.HISTOGRAM, "http_server_request_duration_seconds"],
  ["process.memory.usage", "By", DataPointType.GAUGE, "process_memory_usage_bytes"],
  ["nodejs.eventloop.utilization", "1", DataPointType.GAUGE, "nodejs_eventloop_utilization_ratio"],
  ["things", "1", DataPointType.SUM, "things"],
  ["http.server.requests", "{request}", DataPointType.SUM, "http_server_requests"],
  ["queue.age.seconds", "s", DataPointType.GAUGE, "queue_age_seconds"],
  ["odd--name..x", "", DataPointType.GAUGE, "odd_name_x"],
])("%s in %j becomes its Prometheus name", (name, unit, type, expected) => {
  expect(named(name, unit, type)).toBe(expected);
});
