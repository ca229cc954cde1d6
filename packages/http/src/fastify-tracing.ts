import type { Attributes, Context, Meter, Tracer } from "@opentelemetry/api";
import { context, defaultTextMapGetter, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import "./trace-id.ts";

export type TracingSettings = {
  readonly tracer: Tracer;
  readonly meter: Meter;
  /** Route templates that open no span; their duration is measured all the same. */
  readonly untracedRoutes: readonly string[];
};

const propagator = new W3CTraceContextPropagator();
const traceContexts = new WeakMap<FastifyRequest, Context>();
const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);
/** The boundaries, in seconds, that the semantic conventions advise. */
const durationBucketsS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * One SERVER span and one measurement of `http.server.request.duration` for each request, by route template: a raw URL
 * may contain an id. Sets `request.traceId`. Expects that decorator to exist.
 */
export function installTracing(app: FastifyInstance, { tracer, meter, untracedRoutes }: TracingSettings): void {
  const untraced = new Set(untracedRoutes);
  const duration = meter.createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
    description: "Duration of HTTP server requests.",
    unit: "s",
    advice: { explicitBucketBoundaries: durationBucketsS },
  });

  app.addHook("onRequest", (request, reply, done) => {
    // `close` comes after every answer and after every connection that breaks before one.
    reply.raw.once("close", () => duration.record(reply.elapsedTime / 1_000, outcomeOf(request, reply)));
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
    if (untraced.has(request.routeOptions.url ?? "")) {
      request.traceId = trace.getSpanContext(parent)?.traceId ?? request.id;
      return done();
    }
    const spanContext = openSpan(tracer, parent, request, reply);
    traceContexts.set(request, spanContext);
    context.with(spanContext, done);
  });
  // Reading the body leaves the asynchronous context of the hook above.
  app.addHook("preValidation", (request, _reply, done) => {
    context.with(traceContexts.get(request) ?? context.active(), done);
  });
}

function openSpan(tracer: Tracer, parent: Context, request: FastifyRequest, reply: FastifyReply): Context {
  const route = request.routeOptions.url;
  const method = knownMethods.has(request.method) ? request.method : "HTTP";
  const span = tracer.startSpan(
    route === undefined ? method : `${method} ${route}`,
    { kind: SpanKind.SERVER, attributes: requestAttributes(request) },
    parent,
  );
  request.traceId = isSpanContextValid(span.spanContext()) ? span.spanContext().traceId : request.id;
  reply.raw.once("close", () => {
    const outcome = outcomeOf(request, reply);
    span.setAttributes(outcome);
    if (isOurFault(outcome)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  return trace.setSpan(parent, span);
}

function requestAttributes(request: FastifyRequest): Attributes {
  const route = request.routeOptions.url;
  return {
    [ATTR_HTTP_REQUEST_METHOD]: knownMethods.has(request.method) ? request.method : "_OTHER",
    [ATTR_URL_SCHEME]: "http",
    ...(route === undefined ? {} : { [ATTR_HTTP_ROUTE]: route }),
  };
}

/** A closed set of values: no text of the sender becomes a label. */
function outcomeOf(request: FastifyRequest, reply: FastifyReply): Attributes {
  const attributes = requestAttributes(request);
  const status = reply.raw.statusCode;
  if (!reply.raw.headersSent) return { ...attributes, [ATTR_ERROR_TYPE]: "client_disconnected" };
  attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
  if (status >= 500) attributes[ATTR_ERROR_TYPE] = String(status);
  return attributes;
}

/** By the conventions a 4xx is no error of the server's span. */
function isOurFault(outcome: Attributes): boolean {
  return Number(outcome[ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 500;
}
