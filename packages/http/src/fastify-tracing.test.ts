import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { Sampler } from "@opentelemetry/sdk-trace";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpServer } from "./http-server.ts";
import { listen } from "./listening.ts";
import { exchange } from "./raw-connection.testing.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

function tracedApp({ sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() }) }: { readonly sampler?: Sampler } = {}) {
  const spans = new InMemorySpanExporter();
  const tracers = new TracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const app = createHttpServer({
    name: "test",
    logStream: { write: () => {} },
    telemetry: { tracer: tracers.getTracer("test"), meter: meters.getMeter("test") },
    untracedRoutes: ["/v1/traces"],
  });
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.get("/rooms/:roomId", (request, reply) => reply.header("x-trace", request.traceId).send("a room"));
  app.post("/rooms", (_, reply) => reply.send(trace.getSpanContext(context.active())?.spanId));
  app.post("/v1/traces", (request, reply) => reply.send(request.traceId));
  app.get("/boom", () => {
    throw new Error("maria.lopez@example.org");
  });
  const durations = async () => {
    await reader.forceFlush();
    const all =
      exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return all.find(({ descriptor }) => descriptor.name === "http.server.request.duration");
  };
  return { app, spans, durations };
}

test("a request opens one SERVER span, named after the route template and never after the URL", async () => {
  const { app, spans } = tracedApp();
  await app.inject("/rooms/maria.lopez?secret=1");
  const [span, ...others] = spans.getFinishedSpans();
  expect(others).toEqual([]);
  expect(span).toMatchObject({
    name: "GET /rooms/:roomId",
    kind: SpanKind.SERVER,
    attributes: { "http.request.method": "GET", "http.route": "/rooms/:roomId", "http.response.status_code": 200, "url.scheme": "http" },
    status: { code: SpanStatusCode.UNSET },
  });
  expect(JSON.stringify([span?.name, span?.attributes, span?.events])).not.toMatch(/maria|secret/);
});

test("an incoming traceparent is continued", async () => {
  const { app, spans } = tracedApp();
  const answer = await app.inject({ url: "/rooms/1", headers: { traceparent } });
  const [span] = spans.getFinishedSpans();
  expect(span?.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(span?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
  expect(answer.headers["x-trace"]).toBe("0af7651916cd43dd8448eb211c80319c");
});

test("an unsampled request has a trace id all the same, also in its problem details", async () => {
  const { app, spans } = tracedApp({ sampler: new AlwaysOffSampler() });
  const traceId = (await app.inject("/rooms/1")).headers["x-trace"];
  expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  expect((await app.inject("/nowhere")).json().instance).toMatch(/^urn:trace:(?!0{32})[0-9a-f]{32}$/);
  expect(spans.getFinishedSpans()).toEqual([]);
});

test("the problem details of a failed request name its span's trace", async () => {
  const { app, spans } = tracedApp();
  const answer = await app.inject("/boom");
  const [span] = spans.getFinishedSpans();
  expect(answer.json().instance).toBe(`urn:trace:${span?.spanContext().traceId}`);
  expect(span).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "error.type": "500", "http.response.status_code": 500 },
  });
  expect(JSON.stringify([span?.status, span?.attributes, span?.events])).not.toContain("maria");
});

test("the span is the active one in a handler that comes after reading a body", async () => {
  const { app, spans } = tracedApp();
  const { url } = await listen(app, { host: "127.0.0.1", port: 0 });
  const answer = await fetch(`${url}/rooms`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: "{}",
  });
  const seen = await answer.text();
  await app.close();
  expect(spans.getFinishedSpans().map((span) => span.spanContext().spanId)).toEqual([seen]);
});

test("an excluded route opens no span, but has a trace id and is measured", async () => {
  const { app, spans, durations } = tracedApp();
  const answer = await app.inject({
    method: "POST",
    url: "/v1/traces",
    headers: { traceparent, "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.body).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(spans.getFinishedSpans()).toEqual([]);
  expect((await durations())?.dataPoints.map(({ attributes }) => attributes["http.route"])).toEqual(["/v1/traces"]);
});

test("durations are kept in seconds by method, route and status", async () => {
  const { app, durations } = tracedApp();
  for (let n = 0; n < 50; n++) {
    await app.inject(`/rooms/${n}`);
    await app.inject(`/nowhere/${n}`);
  }
  await app.inject("/boom");
  const metric = await durations();
  expect(metric?.descriptor.unit).toBe("s");
  expect(metric?.dataPoints.map(({ attributes, value }) => ({ ...attributes, count: (value as { count: number }).count }))).toEqual([
    { "http.request.method": "GET", "url.scheme": "http", "http.route": "/rooms/:roomId", "http.response.status_code": 200, count: 50 },
    { "http.request.method": "GET", "url.scheme": "http", "http.response.status_code": 404, count: 50 },
    {
      "http.request.method": "GET",
      "url.scheme": "http",
      "http.route": "/boom",
      "http.response.status_code": 500,
      "error.type": "500",
      count: 1,
    },
  ]);
});

test("a method outside the conventions' list becomes _OTHER", async () => {
  const { app, spans } = tracedApp();
  const { port } = await listen(app, { host: "127.0.0.1", port: 0 });
  await exchange(port, "PROPFIND /rooms/1 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
  await app.close();
  expect(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes["http.request.method"]])).toEqual([["HTTP", "_OTHER"]]);
});

test("a client that leaves before its answer closes its span as disconnected", async () => {
  const { app, spans } = tracedApp();
  const entered = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  app.get("/slow", async (_, reply) => {
    entered.resolve();
    reply.raw.once("close", () => left.resolve());
    await left.promise;
    return "too late";
  });
  const { url } = await listen(app, { host: "127.0.0.1", port: 0 });
  const abort = new AbortController();
  const answer = fetch(`${url}/slow`, { signal: abort.signal });
  await entered.promise;
  abort.abort();
  await expect(answer).rejects.toThrow();
  await left.promise;
  await app.close();
  expect(spans.getFinishedSpans().map(({ attributes }) => attributes["error.type"])).toEqual(["client_disconnected"]);
});

test("connections that the parser refuses are counted by problem", async () => {
  const counted: unknown[] = [];
  const meter = metrics.getMeter("test");
  const app = createHttpServer({
    name: "test",
    logStream: { write: () => {} },
    telemetry: {
      tracer: trace.getTracer("test"),
      meter: Object.assign(Object.create(meter), {
        createCounter: () => ({ add: (n: number, labels: unknown) => counted.push([n, labels]) }),
      }),
    },
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0 });
  await exchange(port, "NOISE\r\n\r\n");
  await app.close();
  expect(counted).toEqual([[1, { problem: "malformed-request" }]]);
});
