import type { Authenticator } from "@trinity/auth/authenticator";
import { type HealthSettings, installHealth } from "@trinity/http/health";
import { createHttpServer, type HttpServerSettings } from "@trinity/http/http-server";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { createQuery, type Query, type QuerySources } from "@trinity/query/query";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import type { EventStore } from "@trinity/storage/event-store";
import type { KeyStore } from "@trinity/storage/key-store";
import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import type { FastifyInstance } from "fastify";
import type { Resources } from "./context.ts";
import { docsPage } from "./docs-page.ts";
import { installJsonBody } from "./json-body.ts";
import { createLiveLog } from "./live-log.ts";
import { createLiveMetrics } from "./live-metrics.ts";
import { createLiveStreams } from "./live-streams.ts";
import { installLogin } from "./login-route.ts";
import { openApiDocument } from "./openapi-document.ts";
import { listProcedures } from "./procedure-list.ts";
import { createProductMetrics } from "./product-metrics.ts";
import { installRest } from "./rest-route.ts";
import { installStaticPages } from "./static-pages.ts";
import { createStoreWatch } from "./store-watch.ts";
import { forBothSurfaces } from "./trpc-error.ts";
import { installTrpc } from "./trpc-route.ts";
import { createTurns } from "./turns.ts";

export type ApiAppSettings = {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readLogCheck: QuerySources["readLogCheck"];
  /** Answers heavy questions, such as those that read the log; without it this process does. */
  readonly logReader?: Query;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly checks: HealthSettings["checks"];
  readonly http: Omit<HttpServerSettings, "name" | "untracedRoutes" | "unexpected" | "unroutedBody">;
  /** The process's own OpenTelemetry metrics, as text. */
  readonly processMetrics: () => Promise<string>;
  /** How often live streams look for news in the store. */
  readonly watchEveryMs: number;
  /** How many live streams the process carries at once. */
  readonly streamsMax?: number;
};

export type ApiApp = { readonly http: FastifyInstance; readonly resources: Resources };

/** No input of ours is near this long. */
const bodyBytesMax = 64 * 1024;

/** Puts the surfaces together; listens to nothing yet. */
export function createApiApp(settings: ApiAppSettings): ApiApp {
  const { store, keys, readLogCheck, logReader, authenticator, clock, sleep, randomBytes, streamsMax = 2_000 } = settings;
  const query = createQuery({ store, readLogCheck }, logReader);
  const turns = createTurns();
  const resources: Resources = {
    query,
    progress: store,
    keys,
    clock,
    sleep,
    randomBytes,
    watch: createStoreWatch(store, sleep, settings.watchEveryMs),
    streams: createLiveStreams(streamsMax, sleep, turns),
    liveMetrics: createLiveMetrics(),
    liveLog: createLiveLog(turns),
    turns,
  };
  const http = createHttpServer({
    name: "api",
    untracedRoutes: ["/healthz", "/readyz", "/metrics"],
    unroutedBody: forBothSurfaces,
    ...settings.http,
    limits: { bodyBytesMax, ...settings.http.limits },
  });
  endStreamsOnClose(http, resources);
  installJsonBody(http);
  installHealth(http, { checks: settings.checks });
  installMetricsPage(http, query, settings);
  installLogin(http, resources);
  installSurfaces(http, resources, authenticator);
  return { http, resources };
}

/** A stream would never finish by itself, and the connection it leaves behind would be kept alive. Its reader connects again. */
function endStreamsOnClose(http: FastifyInstance, { streams }: Resources): void {
  http.addHook("onSend", async (_request, reply) => {
    if (String(reply.getHeader("content-type")).startsWith("text/event-stream")) reply.header("connection", "close");
  });
  http.addHook("preClose", async () => streams.endAll());
}

function installSurfaces(http: FastifyInstance, resources: Resources, authenticator: Authenticator): void {
  const procedures = listProcedures();
  const document = openApiDocument(procedures);
  const documentText = JSON.stringify(document);
  installStaticPages(http, docsPage(document));
  http.get("/api/v1/openapi.json", (_, reply) => reply.type("application/json; charset=utf-8").send(documentText));
  installMethodNotAllowed(http, "/api/v1/openapi.json");
  http.register(async (scope) => installRest(scope, { procedures, resources, authenticator }), { prefix: "/api/v1" });
  http.register(async (scope) => installTrpc(scope, { procedures, resources, authenticator }), { prefix: "/trpc" });
}

function installMetricsPage(http: FastifyInstance, query: Query, { store, clock, processMetrics }: ApiAppSettings): void {
  const product = createProductMetrics(query, store, clock);
  http.get("/metrics", async (_request, reply) => {
    await product.refresh();
    const { contentType, body } = await renderMetricsPage(await processMetrics(), product.registry);
    return reply.type(contentType).send(body);
  });
  installMethodNotAllowed(http, "/metrics");
}
