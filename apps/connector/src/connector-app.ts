import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

export type ConnectorAppSettings = {
  readonly registry: Registry;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected">;
  /** The process's own OpenTelemetry metrics, as text. */
  readonly processMetrics: () => Promise<string>;
};

/** The connector's own pages; it accepts no work over HTTP. Does not listen yet. */
export function createConnectorApp({ registry, checks, http: settings, processMetrics }: ConnectorAppSettings): FastifyInstance {
  const http = createHttpServer({ name: "connector", untracedRoutes: ["/healthz", "/readyz", "/metrics"], ...settings });
  installHealth(http, { checks });
  http.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await renderMetricsPage(await processMetrics(), registry);
    return reply.type(contentType).send(body);
  });
  return http;
}
