import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Authenticator } from "@trinity/auth/authenticator";
import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import type { Clock } from "@trinity/runtime/clock";
import type { EventStore } from "@trinity/storage/event-store";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { FastifyInstance } from "fastify";
import { installAdmission } from "./admission.ts";
import { createGroupCommit } from "./append.ts";
import { createCardinality } from "./cardinality.ts";
import { createEventPipeline, type EventPipeline } from "./event-pipeline.ts";
import { installEventsRoute } from "./events-route.ts";
import type { Folding } from "./folding.ts";
import { createIngestMetrics } from "./ingest-metrics.ts";
import { installOtlpRoutes } from "./otlp-routes.ts";
import { installStatusRoute } from "./status-route.ts";

export type IngestAppSettings = {
  readonly store: Pick<EventStore, "append" | "eventStatus">;
  readonly pseudonymiser: Pseudonymiser;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly eventAgeMaxMs: number;
  /** Follows the log: gets each commit, and may slow the next one down. */
  readonly folding: Pick<Folding, "wake" | "lagMs" | "waitForFold" | "commitWork">;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected">;
  /** The process's own OpenTelemetry metrics, as text. */
  readonly processMetrics: () => Promise<string>;
};

export type IngestApp = {
  readonly http: FastifyInstance;
  readonly ingest: EventPipeline;
  /** Resolves when nothing that was taken waits for its commit. */
  readonly drained: () => Promise<void>;
};

/** Puts the stages and the transports together; listens to nothing yet. */
export function createIngestApp(settings: IngestAppSettings): IngestApp {
  const { store, pseudonymiser, authenticator, clock, eventAgeMaxMs } = settings;
  const otlpRoutes = ["/v1/traces", "/v1/logs", "/v1/metrics"];
  // Taking our own spans in must not make new ones.
  const http = createHttpServer({
    name: "ingest",
    unexpected: "unavailable",
    untracedRoutes: [...otlpRoutes, "/healthz", "/readyz", "/metrics"],
    ...settings.http,
  });
  http.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const commit = createGroupCommit(store, {
    backpressure: settings.folding.waitForFold,
    commitWork: settings.folding.commitWork,
    onCommitted: settings.folding.wake,
    onFailed: (error) => http.log.error({ err: error }, "append failed"),
  });
  const cardinality = createCardinality();
  const metrics = createIngestMetrics(commit.queuedEvents, cardinality, settings.folding.lagMs);
  const { append } = commit;
  const ingest = createEventPipeline({ clock, eventAgeMaxMs, pseudonymiser, cardinality, append, onOutcome: metrics.countOutcome });

  installAdmission(http);
  installHealth(http, { checks: settings.checks });
  installEventsRoute(http, ingest, authenticator);
  installOtlpRoutes(http, ingest, authenticator);
  installStatusRoute(http, store, pseudonymiser, authenticator);
  http.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await renderMetricsPage(await settings.processMetrics(), metrics.registry);
    return reply.type(contentType).send(body);
  });
  installMethodNotAllowed(http, "/metrics");
  return { http, ingest, drained: commit.drained };
}
