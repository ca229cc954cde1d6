import { gzipSync } from "node:zlib";
import { createPseudonymiser } from "@trinity/anonymization/pseudonym";
import type { ApiKeyRecord } from "@trinity/auth/api-key";
import { createAuthenticator } from "@trinity/auth/authenticator";
import { parseOperatorKey } from "@trinity/auth/operator-key";
import { unwrap } from "@trinity/runtime/result";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { beforeEach, describe, expect, test } from "vitest";
import { createIngestApp, type IngestApp } from "./ingest-app.ts";

const nowMs = Date.parse("2026-11-22T20:15:10.000Z");
const clock = { nowMs: () => nowMs };
const serviceKey = "a-service-key-of-the-test";
const historyKey = "a-key-of-old-events-of-the-test";

function record(key: string): ApiKeyRecord {
  return unwrap(parseOperatorKey(key, { role: "service", name: "test", createdAtMs: 0, expiresAtMs: null }));
}

let store: EventStore;
let failing: boolean;
let app: IngestApp;

beforeEach(() => {
  store = openMemoryStore();
  failing = false;
  app = createIngestApp({
    store: {
      append: (batch) => (failing ? Promise.reject(new StoreUnavailableError("disk full")) : store.append(batch)),
      eventStatus: (key) => store.eventStatus(key),
    },
    pseudonymiser: createPseudonymiser(new Uint8Array(32)),
    authenticator: createAuthenticator({ fixed: [record(serviceKey), record(historyKey)], list: async () => [], clock }),
    clock,
    eventAgeMaxMs: (sender) => (sender === record(historyKey).prefix ? Number.POSITIVE_INFINITY : 7 * 86_400_000),
    monotonic: clock,
    random: () => 0,
    folding: {
      wake: () => {},
      lagMs: () => 0,
      foldedForMs: () => 0,
      pressure: () => 0,
      waitForFold: async () => {},
      commitWork: () => Number.POSITIVE_INFINITY,
    },
    checks: {},
    http: { logLevel: "silent" },
    processMetrics: async () => "",
  });
});

const vote = {
  eventId: "0198f3c2-7c1e-7d6a-8a51-0a4f7b7c9d10",
  eventType: "vote_content",
  timestamp: "2026-11-22T20:15:04.120Z",
  userId: "b2e5a4c4-1001-70aa-8c11-aa00bb11cc22",
  roomId: "7c1d3f0a-5b7e-4c55-9a41-2f6f0f5e8b11",
  sessionId: "s-41",
  properties: { contentId: "movie:862", vote: "like", genres: ["animation", "comedy"], mediaType: "movie", recommended: false },
  context: {
    platform: "android",
    deviceType: "phone",
    appVersion: "3.2.0",
    locale: "es-ES",
    userAgent: "agent of the phone",
    ipAddress: "203.0.113.9",
  },
  source: { system: "app", generation: "G2" },
};

async function post(payload: unknown, headers: Record<string, string> = {}, url = "/v1/events") {
  const body = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const response = await app.http.inject({
    method: "POST",
    url,
    payload: body,
    headers: { "content-type": "application/json", "x-api-key": serviceKey, ...headers },
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.body === "" ? null : (JSON.parse(response.body) as Record<string, unknown>),
  };
}

test("a sender sends events as old as it may", async () => {
  const old = { events: [{ ...vote, timestamp: "2026-10-22T20:15:04.120Z" }] };
  expect((await post(old)).body).toMatchObject({ accepted: 0, rejected: [{ code: "too_old" }] });
  expect((await post(old, { "x-api-key": historyKey })).body).toMatchObject({ accepted: 1, rejected: [] });
});

describe("a wrong method", () => {
  const routes = [
    ["/v1/events", "POST"],
    ["/v1/traces", "POST"],
    ["/v1/logs", "POST"],
    ["/v1/metrics", "POST"],
    ["/v1/events/e1/status", "GET"],
    ["/healthz", "GET"],
    ["/readyz", "GET"],
    ["/metrics", "GET"],
  ] as const;
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;
  const wrong = routes.flatMap(([url, allowed]) =>
    methods
      .filter((method) => method !== allowed && !(allowed === "GET" && method === "HEAD"))
      .map((method) => [method, url, allowed] as const),
  );
  test.each(wrong)("%s %s is 405 and names %s", async (method, url, allowed) => {
    const { statusCode, headers, body } = await app.http.inject({ method: method as "GET", url });
    expect([statusCode, headers.allow]).toEqual([405, allowed]);
    const isOtlp = /(traces|logs|v1.metrics)$/.test(url);
    if (method !== "HEAD") expect(JSON.parse(body)).toMatchObject(isOtlp ? { code: 12 } : { status: 405 });
  });

  test("is refused before a body is read, and an address that does not exist stays 404", async () => {
    expect(await post("{", { "content-type": "text/plain" }, "/healthz")).toMatchObject({ status: 405 });
    expect(await post({}, {}, "/v1/nothing")).toMatchObject({ status: 404 });
  });
});

describe("the media type decides", () => {
  const parameters = [";v=1", '; profile="x"', "; charset=utf-8; v=1", ";", "; charset=us-ascii", '; CHARSET="UTF-8"', " ; "];
  test.each(parameters)("application/json%s is taken as JSON by every route", async (text) => {
    const type = { "content-type": `application/json${text}` };
    expect((await post({ events: [vote] }, type)).status).toBe(202);
    for (const url of ["/v1/traces", "/v1/logs", "/v1/metrics"]) expect((await post({}, type, url)).status).toBe(200);
  });
  test.each(['; messageType="x"', ";"])("application/x-protobuf%s is taken as protobuf", async (text) => {
    const { statusCode } = await app.http.inject({
      method: "POST",
      url: "/v1/traces",
      payload: Buffer.alloc(0),
      headers: { "content-type": `application/x-protobuf${text}`, "x-api-key": serviceKey },
    });
    expect(statusCode).toBe(200);
  });
  test.each([
    ["; charset=latin1", "charset latin1"],
    ['; charset="UTF-16"', "charset utf-16"],
    ["; charset", "charset of Content-Type has no value"],
  ])("application/json%s is refused by every route with its charset, and with what is read", async (text, said) => {
    const type = { "content-type": `application/json${text}` };
    for (const url of ["/v1/events", "/v1/traces", "/v1/logs", "/v1/metrics"]) {
      const { status, body } = await post({ events: [] }, type, url);
      expect([status, JSON.stringify(body)]).toEqual([415, expect.stringMatching(new RegExp(`The ${said}.* Content-Type must be `))]);
    }
  });
  test.each(["; charset=latin1", "; charset=utf-16", ", text/plain", "\ta"])("application/json%j is refused", async (text) => {
    const type = { "content-type": `application/json${text}` };
    for (const url of ["/v1/events", "/v1/traces"]) expect((await post({ events: [] }, type, url)).status).toBe(415);
  });
});

test("an OTLP body of exactly 20 MiB is taken, one of a byte more is refused for good", async () => {
  for (const [bytes, status] of [
    [20 * 1024 * 1024, 200],
    [20 * 1024 * 1024 + 1, 413],
  ] as const) {
    expect((await post("{}".padEnd(bytes), { "content-type": "application/json" }, "/v1/logs")).status, `${bytes}`).toBe(status);
  }
});

describe("POST /v1/events", () => {
  test("the contract's example is accepted, and a duplicate when it is sent again", async () => {
    expect(await post({ events: [vote] })).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0, rejected: [] } });
    expect(await post({ events: [vote] })).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 1, rejected: [] } });
  });

  test("no raw id, address or user agent reaches the store", async () => {
    await post({ events: [vote] });
    const [chunk] = await store.readChunks(0, 10);
    const text = JSON.stringify(chunk);
    for (const raw of [vote.userId, vote.roomId, "s-41", "203.0.113.9", "agent of the phone"]) expect(text).not.toContain(raw);
  });

  test("one bad event never sinks its batch: it is named with its place, code and path, and its neighbours are kept", async () => {
    const bad = { ...vote, eventId: "bad", properties: { ...vote.properties, vote: "love" } };
    const answer = await post({ events: [bad, vote, { ...vote, eventId: "worse", properties: { ...vote.properties, nickname: "x" } }] });
    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, eventId: "bad", code: "invalid_property", path: "properties.vote" },
        { index: 2, eventId: "worse", code: "unknown_property", path: "properties.nickname" },
      ],
    });
  });

  test("gzip and NDJSON are understood, and a broken line is refused alone", async () => {
    const lines = [vote, { ...vote, eventId: "second" }].map((one) => JSON.stringify(one));
    const ndjson = gzipSync([lines[0], "{broken", lines[1]].join("\n"));
    const answer = await post(ndjson, { "content-type": "application/x-ndjson", "content-encoding": "gzip" });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected: [{ index: 1, code: "not_json" }] } });
  });

  test("what the commit says of several requests, each request is told of its own", async () => {
    const answers = await Promise.all([1, 2, 3].map((n) => post({ events: [vote, { ...vote, eventId: `own-${n}` }] })));
    expect(answers.reduce((sum, { body }) => sum + Number(body?.accepted), 0)).toBe(4);
    expect(answers.reduce((sum, { body }) => sum + Number(body?.duplicates), 0)).toBe(2);
  });

  test.each([
    ["no key", { "x-api-key": "" }, 401],
    ["another key", { "x-api-key": "a-service-key-of-the-tesT" }, 401],
    ["a type that is not JSON", { "content-type": "text/plain" }, 415],
    ["no type", { "content-type": "" }, 415],
    ["an encoding we do not know", { "content-encoding": "br" }, 415],
    ["an encoding that is not true", { "content-encoding": "gzip" }, 400],
  ])("%s: refused as problem details, and nothing stored", async (_what, headers, status) => {
    const answer = await post({ events: [vote] }, headers);
    expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/problem+json; charset=utf-8"]);
    expect(await store.headSeq()).toBe(0);
  });

  test.each([
    ["not JSON", "{", 400],
    ["no batch", { event: vote }, 400],
    ["events that are no list", { events: { length: 1 } }, 400],
    ["more than a thousand events", { events: Array.from({ length: 1_001 }, () => ({})) }, 413],
    ["more than a mebibyte", `{"events":[],"padding":"${"x".repeat(1024 * 1024)}"}`, 413],
    ["JSON that nests for ever", `${"[".repeat(500_000)}`, 400],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), 400],
  ])("a body with %s is refused whole", async (_what, payload, status) => {
    expect((await post(payload)).status).toBe(status);
  });

  test("a store that cannot take events now costs nobody an event: 503 with Retry-After, and accepted once it can", async () => {
    failing = true;
    expect(await post({ events: [vote] })).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    failing = false;
    expect((await post({ events: [vote] })).body).toMatchObject({ accepted: 1 });
  });

  test("an answer to a thousand bad events stays small and still names each of them", async () => {
    const answer = await app.http.inject({
      method: "POST",
      url: "/v1/events",
      payload: JSON.stringify({ events: Array.from({ length: 1_000 }, () => ({})) }),
      headers: { "content-type": "application/json", "x-api-key": serviceKey },
    });
    const { rejected } = answer.json() as { rejected: { index: number; code: string }[] };
    expect(rejected.map(({ index }) => index)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(answer.body.length).toBeLessThan(128 * 1024);
  });
});

describe("while the key of a sender has too much under way", () => {
  // What waits and was refused, at a mebibyte a second, drawn short by a quarter.
  const refusal = { status: 429, headers: { "retry-after": "28" } };
  const fill = () => app.admission.admit(record(serviceKey).prefix, 36 * 1024 * 1024);

  test("JSON is refused as problem details, nothing is stored, and it is counted", async () => {
    fill();
    expect(await post({ events: [vote] })).toMatchObject({ ...refusal, body: { type: "/problems/too-many-requests" } });
    expect(await store.headSeq()).toBe(0);
    const page = (await app.http.inject({ url: "/metrics" })).body;
    expect(page).toContain('trinity_ingest_refused_requests_total{reason="share"} 1');
    expect(page).toContain(`trinity_ingest_under_way_bytes ${36 * 1024 * 1024}`);
  });

  test("OTLP is refused as a google.rpc.Status with RetryInfo, and asked to wait no longer than its SDKs do", async () => {
    fill();
    const answer = await post({}, {}, "/v1/logs");
    expect(answer).toMatchObject({ status: 429, headers: { "retry-after": "5" }, body: { code: 8, details: [{ retryDelay: "5s" }] } });
  });

  test("another key is taken", async () => {
    app.admission.admit("another", 36 * 1024 * 1024);
    expect((await post({ events: [vote] })).status).toBe(202);
  });
});

describe("GET /v1/events/{eventId}/status", () => {
  const statusOf = async (eventId: string) =>
    (
      await app.http.inject({ url: `/v1/events/${encodeURIComponent(eventId)}/status`, headers: { "x-api-key": serviceKey } })
    ).json() as unknown;

  test("says where an event is", async () => {
    await post({ events: [vote, { ...vote, eventId: "refused", properties: {} }] });
    const at = "2026-11-22T20:15:10.000Z";
    expect(await statusOf(vote.eventId)).toEqual({ eventId: vote.eventId, state: "stored", at, reason: null });
    expect(await statusOf("refused")).toEqual({ eventId: "refused", state: "rejected", at, reason: "invalid_property" });
    expect(await statusOf("never seen")).toEqual({ eventId: "never seen", state: "unknown", at: null, reason: null });
  });
});

describe("OTLP over HTTP", () => {
  const span = {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "eee19b7ec3c1b174",
    name: "GET",
    kind: 2,
    startTimeUnixNano: `${nowMs}000000`,
    endTimeUnixNano: `${nowMs + 5}000000`,
  };
  const request = (spans: unknown[]) => ({
    resourceSpans: [
      { resource: { attributes: [{ key: "service.name", value: { stringValue: "trinity-vote" } }] }, scopeSpans: [{ spans }] },
    ],
  });

  test("a span counts once, however often its batch is sent", async () => {
    for (let i = 0; i < 3; i++) expect(await post(request([span]), {}, "/v1/traces")).toMatchObject({ status: 200, body: {} });
    const chunks = await store.readChunks(0, 100);
    expect(chunks.flatMap(({ events }) => events)).toHaveLength(1);
    expect(chunks.flatMap(({ receipts }) => receipts).map(({ outcome, count }) => [outcome, count])).toEqual([
      ["accepted", 1],
      ["duplicate", 1],
      ["duplicate", 1],
    ]);
  });

  test("a span that is none is told in the partial success, with the exact number; its neighbours are kept", async () => {
    const answer = await post(request([{ ...span, traceId: "00" }, span, { ...span, spanId: "zz" }]), {}, "/v1/traces");
    expect(answer).toMatchObject({ status: 200, body: { partialSuccess: { rejectedSpans: "2" } } });
  });

  test("keys that OTLP does not know are ignored, and its sender is warned", async () => {
    const answer = await post({ ...request([span]), resource_spans: [] }, {}, "/v1/traces");
    expect(answer).toMatchObject({ status: 200, body: { partialSuccess: { errorMessage: expect.stringContaining("1 JSON keys") } } });
  });

  test.each([
    ["no key", { "x-api-key": "" }, 401, 16],
    ["a body that is not what it says", { "content-type": "application/x-protobuf" }, 400, null],
    ["a type that we do not know", { "content-type": "text/plain" }, 415, 3],
  ])("%s: a google.rpc.Status, and never a 5xx", async (_what, headers, status, code) => {
    const response = await app.http.inject({
      method: "POST",
      url: "/v1/traces",
      payload: JSON.stringify(request([span])),
      headers: { "content-type": "application/json", "x-api-key": serviceKey, ...headers },
    });
    expect(response.statusCode).toBe(status);
    if (code !== null) expect((response.json() as { code: number }).code).toBe(code);
  });

  test("when the store cannot take it, the sender is told to try again", async () => {
    failing = true;
    const answer = await post(request([span]), {}, "/v1/traces");
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1" }, body: { code: 14 } });
  });
});
