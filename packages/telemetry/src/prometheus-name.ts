import { DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";

const unitNames: Readonly<Record<string, string>> = { s: "seconds", ms: "milliseconds", By: "bytes", "%": "percent", Cel: "celsius" };

/**
 * The metric under the name that Prometheus users expect: dots to underscores, the unit at the end.
 * By the specification of OpenTelemetry's Prometheus compatibility, which the serialiser follows except for units;
 * it adds `_total` itself.
 */
export function withPrometheusName(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor;
  const stem = name.replaceAll(/[^a-zA-Z0-9]+/g, "_");
  const suffix = unitSuffix(metric, unit);
  const named = suffix === "" || stem.endsWith(`_${suffix}`) ? stem : `${stem}_${suffix}`;
  return { ...metric, descriptor: { ...metric.descriptor, name: named, unit: "" } };
}

/** Units in braces (`{request}`) only annotate what is counted. */
function unitSuffix(metric: MetricData, unit: string): string {
  if (unit === "1") return metric.dataPointType === DataPointType.GAUGE ? "ratio" : "";
  return unitNames[unit] ?? "";
}
