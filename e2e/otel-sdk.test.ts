import { DiagLogLevel, diag, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { createOtelExporters, type Destination, type OtelExporters, type Transport, transports } from "./otel-exporters.ts";
import { createOtelService, type OtelService, servedRequest } from "./otel-service.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";
import { type ScriptedProxy, startScriptedProxy } from "./scripted-proxy.ts";
import { readStoredEvents } from "./stored-events.ts";

/** What must be in no answer and in no stored event: whom a sender names, and what it says in free text. */
const [alice, bob, session, room] = ["sub-alice-7f3a9c", "sub-bob-11d2e0", "session-of-alice-55", "room-of-both-81"];
const secrets = [alice, bob, session, room, "alice@example.com", "token-9c2f", "ip-10-0-0-7"];

const hourMs = 3_600_000;
const nowMs = Date.now();
/** A range around everything that the services tell. */
const range = `from=${new Date(nowMs - 2 * hourMs).toISOString()}&to=${new Date(nowMs + hourMs).toISOString()}&granularity=total`;

const nameOf = (transport: Transport) => `shop-${transport.replace("/", "-")}`;
const titleOf = (transport: Transport) => `movie:${1_000 + transports.indexOf(transport)}`;
/** Six spans, three log records and two metric points. */
const recordsEach = 11;

describe("OpenTelemetry's own SDK as a sender", () => {
  let processes: RealProcesses;
  let api: ApiClient;
  let proxy: ScriptedProxy;
  const services = new Map<Transport, OtelService>();
  const exporters = new Map<Transport, OtelExporters>();
  const warnings: string[] = [];

  beforeAll(async () => {
    diag.setLogger(
      { error: () => {}, warn: (...words) => void warnings.push(words.join(" ")), info: () => {}, debug: () => {}, verbose: () => {} },
      DiagLogLevel.WARN,
    );
    processes = await startRealProcesses();
    proxy = await startScriptedProxy(processes.ingestUrl);
    api = createApiClient(processes);
    const destination: Destination = { url: proxy.url, grpcAddress: processes.grpcAddress, key: processes.ingestKey };
    for (const transport of transports) {
      exporters.set(transport, createOtelExporters(transport, destination));
      const service = createOtelService(nameOf(transport));
      services.set(transport, service);
      tell(service, transport);
    }
  }, startWithinMs);

  afterAll(async () => {
    diag.disable();
    await Promise.all([...exporters.values()].map((each) => each.shutdown()));
    await proxy?.close();
    await processes?.stop();
    processes?.discard();
  });

  const exportersOf = (transport: Transport) => exporters.get(transport) as OtelExporters;
  const serviceOf = (transport: Transport) => services.get(transport) as OtelService;

  for (const transport of transports) {
    describe(`${transport}`, () => {
      test("the exporters report success for spans, log records and metrics", async () => {
        const before = await api.ingestCounts();
        expect(codesOf(await exportAll(serviceOf(transport), exportersOf(transport)))).toEqual(success);
        const after = await api.ingestCounts();
        expect(after.stored - before.stored).toBe(recordsEach);
        expect(after.received - before.received).toBe(recordsEach);
      });

      test("only server spans are requests of their service and route", async () => {
        const { totals } = await api.metric(`requests?${range}&by=route&filter=service:${nameOf(transport)}`);
        expect(Object.fromEntries(totals.map(({ by, value }) => [by["route"], value]))).toEqual({
          "GET /rooms/:id": 3,
          "POST /rooms/:id/votes": 1,
          "trinity.Rooms/Join": 1,
        });
      });

      test("errors are those of the server, by service and route", async () => {
        const { totals } = await api.metric(`error_rate?${range}&by=service,route&filter=service:${nameOf(transport)}`);
        expect(Object.fromEntries(totals.map(({ by, numerator, denominator }) => [by["route"], [numerator, denominator]]))).toEqual({
          "GET /rooms/:id": [1, 3],
          "POST /rooms/:id/votes": [0, 1],
          "trinity.Rooms/Join": [1, 1],
        });
      });

      test("durations are those of the spans", async () => {
        const { totals } = await api.metric(`request_duration?${range}&by=service,route&filter=service:${nameOf(transport)}`);
        expect(Object.fromEntries(totals.map(({ by, value, count }) => [by["route"], [value, count]]))).toEqual({
          "GET /rooms/:id": [200, 3],
          "POST /rooms/:id/votes": [50, 1],
          "trinity.Rooms/Join": [12.5, 1],
        });
      });

      test("a log record with an event name is that event", async () => {
        const [total] = (await api.metric(`positive_rate?${range}&filter=contentId:${titleOf(transport)}`)).totals;
        expect(total).toMatchObject({ numerator: 1, denominator: 2 });
        const byGenre = (await api.metric(`votes?${range}&by=genre&filter=contentId:${titleOf(transport)}`)).totals;
        expect(Object.fromEntries(byGenre.map(({ by, value }) => [by["genre"], value]))).toEqual({ comedy: 2, animation: 1 });
      });

      test("a log record without an event name is a log record, and metric points keep their values", async () => {
        const stored = (await readStoredEvents(processes.dataDir)).filter(({ source }) => source.component === nameOf(transport));
        const logs = stored.filter(({ eventType }) => eventType === "log_record").map(({ properties }) => properties);
        expect(logs).toEqual([
          expect.objectContaining({ service: nameOf(transport), severity: expect.any(String), scope: "shop-instrumentation" }),
        ]);
        const points = stored.filter(({ eventType }) => eventType === "metric_point").map(({ properties }) => properties);
        expect(points).toHaveLength(2);
        expect(points).toEqual(
          expect.arrayContaining([
            expect.objectContaining({
              metric: "shop.orders",
              kind: "sum",
              value: 7,
              unit: "{item}",
              temporality: "delta",
              monotonic: true,
            }),
            expect.objectContaining({
              metric: "http.server.request.duration",
              kind: "histogram",
              count: 2,
              sum: 0.75,
              attributes: ["http.route=/rooms/:id"],
            }),
          ]),
        );
      });
    });
  }

  test("the same people have the same pseudonym over every transport, and no stored data names them", async () => {
    const explored = (await api.get(`/explore/events?metric=votes&${range.replace("&granularity=total", "")}`)) as {
      events: readonly { userId: string }[];
    };
    expect(explored.events).toHaveLength(2 * transports.length);
    expect(new Set(explored.events.map(({ userId }) => userId)).size).toBe(2);
    expect((await api.metric(`active_users?${range}`)).totals).toMatchObject([{ value: 2 }]);
    const stored = JSON.stringify(await readStoredEvents(processes.dataDir));
    expect(secrets.filter((secret) => stored.includes(secret) || JSON.stringify(explored).includes(secret))).toEqual([]);
  });

  test("the same batches again, over every transport, change nothing", async () => {
    const questions = [
      `requests?${range}&by=service,route`,
      `request_duration?${range}&by=service`,
      `votes?${range}&by=contentId`,
      `active_users?${range}`,
    ];
    const ask = () => Promise.all(questions.map(async (question) => (await api.metric(question)).totals));
    const [answersBefore, before] = [await ask(), await api.ingestCounts()];
    for (const service of services.values()) {
      for (const each of exporters.values()) expect(codesOf(await exportAll(service, each))).toEqual(success);
    }
    const [answersAfter, after] = [await ask(), await api.ingestCounts()];
    expect(after.stored).toBe(before.stored);
    expect(after.duplicates - before.duplicates).toBe(transports.length * transports.length * recordsEach);
    expect(answersAfter).toEqual(answersBefore);
  });

  for (const [index, transport] of transports.entries()) {
    test(`${transport}: of a batch with a bad record the others are stored, and the SDK does not send it again`, async () => {
      const title = `movie:${2_000 + index}`;
      const mixed = createOtelService("mixed-shop");
      mixed.log({ atMs: nowMs, eventName: "vote_content", attributes: voteOf(title, "like", alice, `mixed-${index}-a`) });
      mixed.log({ atMs: nowMs, eventName: "no_such_event", attributes: { "event.id": `mixed-${index}-b` } });
      mixed.log({ atMs: nowMs - 30 * 24 * hourMs, eventName: "vote_content", attributes: voteOf(title, "like", bob, `mixed-${index}-c`) });
      mixed.log({ atMs: nowMs, eventName: "vote_content", attributes: voteOf(title, "dislike", bob, `mixed-${index}-d`) });
      mixed.span(servedRequest("GET", "/mixed", 200, nowMs - 1_000, 5));
      mixed.span(servedRequest("GET", "/mixed", 200, nowMs - 30 * 24 * hourMs, 5));
      const before = await api.ingestCounts();
      warnings.length = 0;
      proxy.follow([]);
      expect(codesOf([await exportersOf(transport).logs(mixed.logs()), await exportersOf(transport).spans(mixed.spans())])).toEqual(
        success.slice(1),
      );
      const after = await api.ingestCounts();
      expect({
        received: after.received - before.received,
        stored: after.stored - before.stored,
        rejected: after.rejected - before.rejected,
      }).toEqual({
        received: 6,
        stored: 3,
        rejected: 3,
      });
      expect((await api.metric(`positive_rate?${range}&filter=contentId:${title}`)).totals).toMatchObject([
        { numerator: 1, denominator: 2 },
      ]);
      expect(warnings).toHaveLength(2);
      expect(warnings[0]).toMatch(/Partial Success.*rejectedLogRecords\D+2\b.*unknown_event_type/);
      expect(warnings[1]).toMatch(/Partial Success.*rejectedSpans\D+1\b.*too_old/);
      if (transport !== "grpc")
        expect(proxy.exchanges.map(({ path, status }) => [path, status])).toEqual([
          ["/v1/logs", 200],
          ["/v1/traces", 200],
        ]);
    });
  }
});

function tell(service: OtelService, transport: Transport): void {
  const startMs = nowMs - 60_000;
  const get = (status: number, durationMs: number) => servedRequest("GET", "/rooms/:id", status, startMs, durationMs);
  const attributes = { "user.id": alice, "url.full": "https://shop.example/rooms/81?key=token-9c2f", "enduser.email": "alice@example.com" };
  service.span({ ...get(200, 100), attributes: { ...get(200, 100).attributes, ...attributes } });
  service.span(get(404, 200));
  service.span(get(500, 300));
  service.span(servedRequest("POST", "/rooms/:id/votes", 201, startMs, 50));
  service.span({
    name: "trinity.Rooms/Join",
    kind: SpanKind.SERVER,
    startMs,
    durationMs: 12.5,
    attributes: { "rpc.system.name": "grpc", "rpc.method": "trinity.Rooms/Join" },
    status: { code: SpanStatusCode.ERROR, message: "alice@example.com was not let in" },
  });
  service.span({ name: "SELECT rooms", kind: SpanKind.CLIENT, startMs, durationMs: 3, attributes: { "db.system.name": "postgresql" } });
  service.log({
    atMs: startMs,
    eventName: "vote_content",
    attributes: { ...voteOf(titleOf(transport), "like", alice), genres: ["comedy"] },
  });
  service.log({
    atMs: startMs,
    eventName: "vote_content",
    attributes: { ...voteOf(titleOf(transport), "dislike", bob), genres: ["comedy", "animation"] },
  });
  service.log({ atMs: startMs, body: "alice@example.com signed in with token-9c2f", attributes });
  service.count("shop.orders", 7, { "user.id": alice });
  service.observe("http.server.request.duration", [0.25, 0.5], { "http.route": "/rooms/:id" });
}

function voteOf(contentId: string, vote: "like" | "dislike", userId: string, eventId?: string) {
  return {
    "user.id": userId,
    "session.id": session,
    "trinity.room.id": room,
    contentId,
    vote,
    mediaType: "movie",
    ...(eventId === undefined ? {} : { "event.id": eventId }),
  };
}

async function exportAll(service: OtelService, { spans, logs, metrics }: OtelExporters): Promise<readonly ExportResult[]> {
  return [await spans(service.spans()), await logs(service.logs()), await metrics(await service.metrics())];
}

const success = [ExportResultCode.SUCCESS, ExportResultCode.SUCCESS, ExportResultCode.SUCCESS];
function codesOf(results: readonly ExportResult[]): readonly ExportResultCode[] {
  return results.map(({ code }) => code);
}
