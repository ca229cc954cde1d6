import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { InstrumentType, MetricReader } from "@opentelemetry/sdk-metrics";
import { withPrometheusName } from "./prometheus-name.ts";

/** A histogram's data point is 17 lines: with these the whole page stays under 5,000 whatever attributes arrive. */
const dataPointsMax = { histogram: 200, other: 400 };

/** Collects when asked, for a `/metrics` route of our own: the Prometheus exporter would open a server of its own. */
export class ScrapeReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  constructor() {
    super({
      cardinalitySelector: (instrument) => (instrument === InstrumentType.HISTOGRAM ? dataPointsMax.histogram : dataPointsMax.other),
    });
  }

  /** @returns all metrics in the Prometheus text format, version 0.0.4 */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    const scopeMetrics = resourceMetrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(withPrometheusName) }));
    return this.#serializer.serialize({ ...resourceMetrics, scopeMetrics });
  }

  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}
