import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Authenticator } from "@trinity/auth/authenticator";
import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import type { EventStore } from "@trinity/storage/event-store";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { FastifyInstance } from "fastify";
import { type Admission, createAdmission } from "./admission.ts";
import { installAdmission } from "./admit-request.ts";
import { createGroupCommit } from "./append.ts";
import { createCardinality } from "./cardinality.ts";
import { createEventPipeline, type EventPipeline } from "./event-pipeline.ts";
import { installEventsRoute } from "./events-route.ts";
import type { Folding } from "./folding.ts";
import { createIngestMetrics } from "./ingest-metrics.ts";
import { installOtlpRoutes } from "./otlp-routes.ts";
import { installStatusRoute } from "./status-route.ts";
import { createTurns } from "./turns.ts";

export type IngestAppSettings = {
  readonly store: Pick<EventStore, "append" | "eventStatus">;
  readonly pseudonymiser: Pseudonymiser;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Milliseconds since some start; never goes back. */
  readonly monotonic: Clock;
  readonly random: Random;
  /** As for the pipeline. */
  readonly eventAgeMaxMs: (sender: string) => number;
  /** Follows the log: gets each commit, and may slow senders of much down. */
  readonly folding: Pick<Folding, "wake" | "lagMs" | "foldedForMs" | "pressure" | "waitForFold" | "commitWork">;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected">;
  /** The process's own OpenTelemetry metrics, as text. */
  readonly processMetrics: () => Promise<string>;
};

export type IngestApp = {
  readonly http: FastifyInstance;
  readonly ingest: EventPipeline;
  readonly admission: Admission;
  /** Resolves when nothing that was taken waits for its commit. */
  readonly drained: () => Promise<void>;
};

/** Puts the stages and the transports together; listens to nothing yet. */
export function createIngestApp(settings: IngestAppSettings): IngestApp {
  const { store, pseudonymiser, authenticator, clock, monotonic, random, folding, eventAgeMaxMs } = settings;
  const otlpRoutes = ["/v1/traces", "/v1/logs", "/v1/metrics"];
  // Taking our own spans in must not make new ones.
  const http = createHttpServer({
    name: "ingest",
    unexpected: "unavailable",
    untracedRoutes: [...otlpRoutes, "/healthz", "/readyz", "/metrics"],
    ...settings.http,
  });
  http.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const cardinality = createCardinality();
  const admission = createAdmission({ clock: monotonic, random, onRefused: (reason) => metrics.countRefused(reason) });
  const { append, hasRoom, queuedEvents, committedForMs, drained } = createGroupCommit(store, {
    clock: monotonic,
    onCommit: () => turns.onCommit(),
    commitWork: folding.commitWork,
    onCommitted: folding.wake,
    onFailed: (error) => http.log.error({ err: error }, "append failed"),
    retryAfterS: admission.retryAfterS,
  });
  const turns = createTurns({ clock: monotonic, admission, hasRoom, folding });
  const metrics = createIngestMetrics({ queuedEvents, committedForMs, cardinality, folding, admission });
  const { inTurn } = turns;
  const ingest = createEventPipeline({ clock, eventAgeMaxMs, pseudonymiser, cardinality, inTurn, append, onOutcome: metrics.countOutcome });

  installAdmission(http);
  installHealth(http, { checks: settings.checks });
  installEventsRoute(http, ingest, authenticator, admission);
  installOtlpRoutes(http, ingest, authenticator, admission);
  installStatusRoute(http, store, pseudonymiser, authenticator);
  http.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await renderMetricsPage(await settings.processMetrics(), metrics.registry);
    return reply.type(contentType).send(body);
  });
  installMethodNotAllowed(http, "/metrics");
  return { http, ingest, admission, drained };
}
