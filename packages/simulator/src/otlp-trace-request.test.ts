import { expect, test } from "vitest";
import type { ServerSpan } from "./message.ts";
import { otlpTraceRequest } from "./otlp-trace-request.ts";
import { simulate } from "./simulate.ts";

const vote: ServerSpan = {
  service: "trinity-vote",
  route: "vote",
  graphqlType: "mutation",
  statusCode: 200,
  failed: false,
  startMs: 1_760_000_000_123,
  durationUs: 96_457,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
};
const landing: ServerSpan = { ...vote, service: "trinity-room", route: "/validate-invite", method: "POST", statusCode: 504, failed: true };

test("a span's nanoseconds keep every digit", () => {
  const [resource] = otlpTraceRequest([vote]).resourceSpans;
  expect(resource?.scopeSpans[0]?.spans[0]).toMatchObject({
    startTimeUnixNano: "1760000000123000000",
    endTimeUnixNano: "1760000000219457000",
    kind: 2,
    status: {},
  });
});

test("each service is one resource, a GraphQL operation and an HTTP route keep their own attributes", () => {
  const request = otlpTraceRequest([vote, landing, vote]);
  expect(request.resourceSpans.map(({ resource, scopeSpans }) => [resource.attributes[0]?.value, scopeSpans[0]?.spans.length])).toEqual([
    [{ stringValue: "trinity-vote" }, 2],
    [{ stringValue: "trinity-room" }, 1],
  ]);
  const [first, second] = request.resourceSpans.map(({ scopeSpans }) => scopeSpans[0]?.spans[0]?.attributes.map(({ key }) => key));
  expect(first).toEqual(["graphql.operation.name", "graphql.operation.type", "http.response.status_code"]);
  expect(second).toEqual(["http.route", "http.request.method", "http.response.status_code"]);
});

test("a failed span has an error status whatever its HTTP status is", () => {
  const [resource] = otlpTraceRequest([{ ...vote, failed: true }]).resourceSpans;
  expect(resource?.scopeSpans[0]?.spans[0]?.status).toEqual({ code: 2 });
});

test("about one request in fifty fails, and a swipe makes three or four of them", () => {
  const fromMs = Date.UTC(2026, 4, 5);
  const messages = [...simulate({ seed: 9, fromMs, toMs: fromMs + 2 * 86_400_000, scale: 1 })];
  const spans = messages.flatMap((message) => (message.kind === "span" ? [message.span] : []));
  const votes = messages.filter((message) => message.kind === "event" && message.event.eventType === "vote_content").length;
  const failedShare = spans.filter((span) => span.failed).length / spans.length;
  expect(failedShare).toBeGreaterThan(0.01);
  expect(failedShare).toBeLessThan(0.03);
  expect(spans.filter((span) => span.service !== "trinity-ai").length / votes).toBeGreaterThan(3);
  expect(spans.length / votes).toBeLessThan(4.5);
});
