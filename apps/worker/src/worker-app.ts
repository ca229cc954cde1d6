import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import type { EventStore } from "@trinity/storage/event-store";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { LogCheck } from "@trinity/verification/log-check";
import type { FastifyInstance } from "fastify";
import { Gauge, Registry } from "prom-client";
import { createLogCheckMetrics } from "./log-check-metrics.ts";
import { createVerificationMetrics } from "./verification-metrics.ts";
import type { CycleOutcome } from "./verifier.ts";

export type WorkerAppSettings = {
  readonly store: Pick<EventStore, "headSeq" | "readWatermark" | "readVerification">;
  readonly readLogCheck: () => Promise<LogCheck | null>;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected">;
  /** The process's own OpenTelemetry metrics, as text. */
  readonly processMetrics: () => Promise<string>;
};

export type WorkerApp = {
  readonly http: FastifyInstance;
  /** For the metrics of the store. */
  countCycle(outcome: CycleOutcome): void;
};

/** The worker's health and metrics pages. Does not listen yet. */
export function createWorkerApp({ store, readLogCheck, checks, http: settings, processMetrics }: WorkerAppSettings): WorkerApp {
  const http = createHttpServer({ name: "worker", untracedRoutes: ["/healthz", "/readyz", "/metrics"], ...settings });
  const registry = new Registry();
  const unfolded = new Gauge({
    name: "trinity_worker_unfolded_chunks",
    help: "Chunks of the log that are not folded yet.",
    registers: [registry],
  });
  const verification = createVerificationMetrics(store, registry);
  const logCheck = createLogCheckMetrics(readLogCheck, registry);
  installHealth(http, { checks });
  http.get("/metrics", async (_request, reply) => {
    const waiting = await unfoldedChunks(store);
    if (waiting === null) unfolded.remove();
    else unfolded.set(waiting);
    await Promise.all([verification.refresh(), logCheck.refresh()]);
    const { contentType, body } = await renderMetricsPage(await processMetrics(), registry);
    return reply.type(contentType).send(body);
  });
  installMethodNotAllowed(http, "/metrics");
  return { http, countCycle: verification.countCycle };
}

/** @returns null while the store does not answer: readiness reports that, and the other metrics stay available */
async function unfoldedChunks(store: WorkerAppSettings["store"]): Promise<number | null> {
  try {
    // The watermark first: it is never ahead of a head that is read later.
    const { seq } = await store.readWatermark();
    return (await store.headSeq()) - seq;
  } catch {
    return null;
  }
}
