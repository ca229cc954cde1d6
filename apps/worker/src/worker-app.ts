import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import type { EventStore } from "@trinity/storage/event-store";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { LogCheck } from "@trinity/verification/log-check";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { createFoldMetrics } from "./fold-metrics.ts";
import { createLogCheckMetrics } from "./log-check-metrics.ts";
import { createSegmentMetrics } from "./segment-metrics.ts";
import { createVerificationMetrics } from "./verification-metrics.ts";
import type { CycleOutcome } from "./verifier.ts";

export type WorkerAppSettings = {
  readonly store: Pick<EventStore, "headSeq" | "readWatermark" | "readVerification">;
  readonly readLogCheck: () => Promise<LogCheck | null>;
  /** The folder of the sealed segments; null where nothing is sealed. */
  readonly segmentsDir: string | null;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected">;
  /** The OpenTelemetry metrics of the process, as text. */
  readonly processMetrics: () => Promise<string>;
};

export type WorkerApp = {
  readonly http: FastifyInstance;
  /** Counts a cycle in the metrics of verification. */
  countCycle(outcome: CycleOutcome): void;
  /** Counts events that were sealed. */
  countSealed(events: number): void;
};

/** The worker's health and metrics pages. Does not listen yet. */
export function createWorkerApp({
  store,
  readLogCheck,
  segmentsDir,
  checks,
  http: settings,
  processMetrics,
}: WorkerAppSettings): WorkerApp {
  const http = createHttpServer({ name: "worker", untracedRoutes: ["/healthz", "/readyz", "/metrics"], ...settings });
  const registry = new Registry();
  const verification = createVerificationMetrics(store, registry);
  const segments = segmentsDir === null ? null : createSegmentMetrics(segmentsDir, registry);
  const metrics = [
    createFoldMetrics(store, registry),
    verification,
    createLogCheckMetrics(readLogCheck, registry),
    ...(segments === null ? [] : [segments]),
  ];
  installHealth(http, { checks });
  http.get("/metrics", async (_request, reply) => {
    await Promise.all(metrics.map(({ refresh }) => refresh()));
    const { contentType, body } = await renderMetricsPage(await processMetrics(), registry);
    return reply.type(contentType).send(body);
  });
  installMethodNotAllowed(http, "/metrics");
  return { http, countCycle: verification.countCycle, countSealed: (events) => segments?.countSealed(events) };
}
