import { randomUUID } from "node:crypto";
import type { Meter, Tracer } from "@opentelemetry/api";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import { createClientErrorHandler } from "./client-error.ts";
import { answerExpectation } from "./expectation.ts";
import { installTracing } from "./fastify-tracing.ts";
import { isBodyTooLongToDrain, lingerAfterResponse } from "./lingering-close.ts";
import type { Problem } from "./problem.ts";
import { installProblemHandling, sendProblem, sendProblemOfError, unchanged } from "./problem-handling.ts";
import { installProblemPages } from "./problem-page.ts";
import { type ServerLimits, serverLimits } from "./server-limits.ts";
import { traceIdOfTraceparent } from "./trace-id.ts";

export type HttpServerSettings = {
  /** Names the process in its log lines. */
  readonly name: string;
  readonly logLevel?: string;
  /** Where log lines go; standard output if absent. */
  readonly logStream?: { write(line: string): void };
  readonly limits?: Partial<ServerLimits>;
  readonly telemetry?: { readonly tracer: Tracer; readonly meter: Meter };
  /** Route templates that open no span, such as the ones that receive spans. */
  readonly untracedRoutes?: readonly string[];
  /** The problem of an unforeseen error; `unavailable` if the sender must keep its data. */
  readonly unexpected?: "internal" | "unavailable";
  readonly newTraceId?: () => string;
  /** Adds fields to a problem without a known route: one body for the clients of every surface. */
  readonly unroutedBody?: (problem: Problem) => Problem;
};

/**
 * The Fastify instance that every process begins with: limits, problem details and tracing are in place, and it reads no
 * request body until a content type parser is added.
 */
export function createHttpServer(settings: HttpServerSettings): FastifyInstance {
  const { name, logLevel = "info", logStream, telemetry, unexpected = "internal", unroutedBody = unchanged } = settings;
  const limits = { ...serverLimits, ...settings.limits };
  // 122 random bits. Node keeps random UUIDs in stock, so that not every request asks the system for bytes.
  const newTraceId = settings.newTraceId ?? (() => randomUUID().replaceAll("-", ""));
  const rejectedConnections = telemetry?.meter.createCounter("http.server.refused_connections", {
    description: "Connections that the HTTP parser refused, by problem",
  });
  const clientErrors = createClientErrorHandler({
    lingerMs: limits.lingerMs,
    newTraceId,
    onProblem: (slug) => rejectedConnections?.add(1, { problem: slug }),
    bodyOf: unroutedBody,
  });

  const app = Fastify({
    ...fastifyLimits(limits),
    trustProxy: false, // a header does not decide whose limits apply
    logger: logStream === undefined ? { name, level: logLevel } : { name, level: logLevel, stream: logStream },
    logController: new LogController({ disableRequestLogging: true }), // its lines contain raw URLs
    genReqId: (raw) => traceIdOfTraceparent(raw.headers["traceparent"]) ?? newTraceId(),
    clientErrorHandler: clientErrors.handle,
    frameworkErrors: (error, request, reply) => void sendProblemOfError(error, request, reply, unexpected, unroutedBody),
    return503OnClosing: false, // requests on an open connection are still served, the answer closes it
    forceCloseConnections: "idle",
  });
  app.removeAllContentTypeParsers(); // text/plain would slip past the schemas of JSON bodies
  app.server.maxConnections = limits.connectionsMax;
  clientErrors.watch(app.server);
  app.server.on("checkExpectation", (request, response) => answerExpectation(request, response, newTraceId(), limits.lingerMs));

  app.decorateRequest("traceId", "");
  if (telemetry !== undefined) installTracing(app, { ...telemetry, untracedRoutes: settings.untracedRoutes ?? [] });
  installConnectionLimits(app, limits, unroutedBody);
  installProblemHandling(app, unexpected);
  installProblemPages(app);
  return app;
}

function fastifyLimits(limits: ServerLimits) {
  return {
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    bodyLimit: limits.bodyBytesMax,
    routerOptions: { maxParamLength: limits.paramCharsMax },
    http: {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckingIntervalMs,
      maxHeaderSize: limits.headerBytesMax,
      joinDuplicateHeaders: true, // a second content type or key must be seen, not dropped
    },
  };
}

function installConnectionLimits(app: FastifyInstance, limits: ServerLimits, bodyOf: (problem: Problem) => Problem): void {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });
  app.addHook("onRequest", (request, reply, done) => {
    if (request.raw.rawHeaders.length / 2 <= limits.headersMax) return done();
    reply.header("connection", "close");
    lingerAfterResponse(request.raw.socket, limits.lingerMs);
    sendProblem(request, reply, "headers-too-large", {}, bodyOf);
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    const tooLong = isBodyTooLongToDrain(request.raw, limits.bodyBytesMax);
    if (tooLong) lingerAfterResponse(request.raw.socket, limits.lingerMs);
    // Closing the server ends the connections that are idle then, not those that become idle later.
    if (tooLong || closing) reply.header("connection", "close");
    done();
  });
}
