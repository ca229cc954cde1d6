import type { Registry } from "prom-client";

export type MetricsPage = {
  readonly contentType: string;
  readonly body: string;
};

/** What the product measures lies under this name, so that it never meets a name of the runtime or of HTTP. */
const productNamespace = "trinity_";

/**
 * The answer of `/metrics`: the process's OpenTelemetry metrics, then the product's own.
 * @param openTelemetryText in the Prometheus text format
 * @throws {RangeError} when a metric is outside its namespace: the page would be ambiguous or refused by Prometheus
 */
export async function renderMetricsPage(openTelemetryText: string, product: Registry): Promise<MetricsPage> {
  for (const { name } of product.getMetricsAsArray()) {
    if (!name.startsWith(productNamespace)) throw new RangeError(`product metric ${name} must start with ${productNamespace}`);
  }
  const intruder = new RegExp(`^# TYPE (${productNamespace}\\S+)`, "m").exec(openTelemetryText)?.[1];
  if (intruder !== undefined) throw new RangeError(`OpenTelemetry metric ${intruder} must not start with ${productNamespace}`);
  const body = `${openTelemetryText.trimEnd()}\n${await product.metrics()}`;
  return { contentType: "text/plain; version=0.0.4; charset=utf-8", body };
}
