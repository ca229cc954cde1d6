import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { ServiceError } from "@grpc/grpc-js";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import Sqlite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { verdictOf } from "./grpc-retry.ts";
import { createOtelExporters, type HttpTransport, type OtelExporters, type Transport, transports } from "./otel-exporters.ts";
import { createOtelService, type OtelService, servedRequest } from "./otel-service.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";
import { type ScriptedProxy, type Step, startScriptedProxy } from "./scripted-proxy.ts";

const wrongKey = "tk_00000000_this-key-opens-nothing";
const httpTransports = transports.filter((transport): transport is HttpTransport => transport !== "grpc");
/** The statuses after which the OTLP specification lets a sender retry; all others are final. */
const retryableStatuses = [429, 502, 503, 504];
const finalStatuses = [400, 401, 403, 404, 408, 413, 415, 422, 500, 501];

describe("how OpenTelemetry's own exporters react to an answer", () => {
  let processes: RealProcesses;
  let api: ApiClient;
  let proxy: ScriptedProxy;
  const exporters = new Map<Transport, OtelExporters>();
  let reports = 0;

  beforeAll(async () => {
    processes = await startRealProcesses();
    proxy = await startScriptedProxy(processes.ingestUrl);
    api = createApiClient(processes);
    for (const transport of transports) exporters.set(transport, exportersWith(transport, processes.ingestKey));
  }, startWithinMs);

  afterEach(() => proxy.follow([]));

  afterAll(async () => {
    await Promise.all([...exporters.values()].map((each) => each.shutdown()));
    await proxy?.close();
    await processes?.stop();
    processes?.discard();
  });

  const exportersWith = (transport: Transport, key: string) =>
    createOtelExporters(transport, { url: proxy.url, grpcAddress: processes.grpcAddress, key });
  const exportersOf = (transport: Transport) => exporters.get(transport) as OtelExporters;

  /** A batch of three new spans. */
  function newBatch(): OtelService {
    const service = createOtelService("retrying-shop");
    reports += 1;
    for (const durationMs of [1, 2, 3]) service.span(servedRequest("GET", `/batch-${reports}`, 200, Date.now() - 1_000, durationMs));
    return service;
  }

  /** How an export changed the ingest counts, and how it ended. */
  async function exported(send: () => Promise<ExportResult>) {
    const before = await api.ingestCounts();
    const { code, error } = await send();
    const after = await api.ingestCounts();
    return {
      succeeded: code === ExportResultCode.SUCCESS,
      error,
      statuses: proxy.exchanges.map(({ status }) => status),
      stored: after.stored - before.stored,
      duplicates: after.duplicates - before.duplicates,
    };
  }

  const answers = (...statuses: number[]): readonly Step[] => statuses.map((status) => ({ kind: "answer", status }));

  for (const transport of httpTransports) {
    describe(`${transport}`, () => {
      test.each(retryableStatuses)("%i: the same bytes are sent again, and stored once", async (status) => {
        proxy.follow(answers(status, status));
        expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
          succeeded: true,
          statuses: [status, status, 200],
          stored: 3,
          duplicates: 0,
        });
        const [first, ...others] = proxy.exchanges;
        for (const { body } of others) expect(body.equals(first?.body as Buffer)).toBe(true);
      });

      test.each(finalStatuses)("%i: the batch is dropped at once", async (status) => {
        proxy.follow(answers(status));
        expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
          succeeded: false,
          statuses: [status],
          stored: 0,
        });
      });

      test("a batch whose acknowledgement is lost is sent again, and counts once", async () => {
        proxy.follow([
          { kind: "lose", status: 502 },
          { kind: "lose", status: 504 },
        ]);
        expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
          succeeded: true,
          statuses: [502, 504, 200],
          stored: 3,
          duplicates: 6,
        });
      });

      test("our refusal of an unknown key is final", async () => {
        const stranger = exportersWith(transport, wrongKey);
        expect(await exported(() => stranger.spans(newBatch().spans()))).toMatchObject({ succeeded: false, statuses: [401], stored: 0 });
        await stranger.shutdown();
      });

      test("our refusal of a body that cannot be read is final", async () => {
        proxy.follow([{ kind: "cut" }]);
        expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
          succeeded: false,
          statuses: [400],
          stored: 0,
        });
      });

      test("our refusal of a body that is too large is final", async () => {
        expect(await exported(() => exportersOf(transport).logs(tooLarge().logs()))).toMatchObject({
          succeeded: false,
          statuses: [413],
          stored: 0,
        });
      });

      test("while too many bytes are in progress we answer 429 with Retry-After, and the batch is stored later", async () => {
        const release = await fillAdmission(processes);
        proxy.follow([], ({ status }) => status === 429 && release());
        try {
          expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
            succeeded: true,
            statuses: [429, 200],
            stored: 3,
          });
        } finally {
          release();
        }
        expectToComeBack(transport, proxy);
      });

      test("while the store cannot write we answer 503 with Retry-After, and the batch is stored later", async () => {
        const release = lockLog(processes);
        proxy.follow([], ({ status }) => status === 503 && release());
        try {
          expect(await exported(() => exportersOf(transport).spans(newBatch().spans()))).toMatchObject({
            succeeded: true,
            statuses: [503, 200],
            stored: 3,
            duplicates: 0,
          });
        } finally {
          release();
        }
        expectToComeBack(transport, proxy);
      });
    });
  }

  // This SDK's gRPC exporter never retries by itself: the status shows whether a sender may retry.
  describe("grpc", () => {
    const grpc = () => exportersOf("grpc");
    const failureOf = ({ error }: { readonly error?: Error | undefined }) => verdictOf(error as ServiceError);

    test("our refusal of an unknown key is final", async () => {
      const stranger = exportersWith("grpc", wrongKey);
      const rejected = await exported(() => stranger.spans(newBatch().spans()));
      expect(failureOf(rejected)).toEqual({ code: "UNAUTHENTICATED", mayRetry: false, hasRetryInfo: false });
      expect(rejected).toMatchObject({ succeeded: false, stored: 0 });
      await stranger.shutdown();
    });

    test("our refusal of a message that is too large is final, although its code alone may be retried", async () => {
      const rejected = await exported(() => grpc().logs(tooLarge().logs()));
      expect(failureOf(rejected)).toEqual({ code: "RESOURCE_EXHAUSTED", mayRetry: false, hasRetryInfo: false });
      expect(rejected).toMatchObject({ succeeded: false, stored: 0 });
    });

    test("while the store cannot write a sender may come back, and its batch is stored once then", async () => {
      const batch = newBatch().spans();
      const release = lockLog(processes);
      const rejected = await grpc().spans(batch);
      release();
      expect(rejected.code).toBe(ExportResultCode.FAILED);
      expect(failureOf(rejected)).toEqual({ code: "UNAVAILABLE", mayRetry: true, hasRetryInfo: true });
      expect(await exported(() => grpc().spans(batch))).toMatchObject({ succeeded: true, stored: 3, duplicates: 0 });
    });

    test("while too many bytes are under way a sender may come back, and its batch is stored once then", async () => {
      const batch = newBatch().spans();
      const release = await fillAdmission(processes);
      const rejected = await grpc().spans(batch);
      release();
      expect(failureOf(rejected)).toEqual({ code: "RESOURCE_EXHAUSTED", mayRetry: true, hasRetryInfo: true });
      await expect.poll(async () => (await exported(() => grpc().spans(batch))).succeeded).toBe(true);
    });

    test("a sender with too many wrong keys may come back", async () => {
      const stranger = exportersWith("grpc", wrongKey);
      const batch = newBatch().spans();
      let verdict = failureOf(await stranger.spans(batch));
      for (let attempt = 0; attempt < 400 && verdict.code === "UNAUTHENTICATED"; attempt++)
        verdict = failureOf(await stranger.spans(batch));
      expect(verdict).toEqual({ code: "RESOURCE_EXHAUSTED", mayRetry: true, hasRetryInfo: true });
      await stranger.shutdown();
      expect(await exported(() => grpc().spans(batch))).toMatchObject({ succeeded: true, stored: 3, duplicates: 0 });
    });
  });
});

/** The first answer was a refusal as OTLP has them: in the sender's encoding, with the time after which to come back. */
function expectToComeBack(transport: HttpTransport, { exchanges }: ScriptedProxy): void {
  const headers = exchanges[0]?.headers;
  expect(Number(headers?.get("retry-after"))).toBeGreaterThan(0);
  expect(headers?.get("content-type")).toContain(transport === "http/json" ? "application/json" : "application/x-protobuf");
}

function tooLarge(): OtelService {
  const service = createOtelService("talkative-shop");
  service.log({ atMs: Date.now(), body: "x".repeat(21 * 1024 * 1024) });
  return service;
}

const mebibyte = 1024 * 1024;
/** What may be under way beyond the shares of senders, in a body of the largest size and one of the rest. */
const announcedBytes = [20 * mebibyte, 12 * mebibyte];

/** Announces as many bytes as the sender may have under way, and sends none of them. @returns what takes them back */
async function fillAdmission({ ingestUrl, ingestKey }: RealProcesses): Promise<() => void> {
  const { hostname, port } = new URL(ingestUrl);
  const sockets = await Promise.all(
    announcedBytes.map(async (bytes): Promise<Socket> => {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nhost: ${hostname}\r\nx-api-key: ${ingestKey}\r\ncontent-type: application/x-protobuf\r\n` +
          `content-length: ${bytes}\r\nexpect: 100-continue\r\n\r\n`,
      );
      // The server has read the head, and waits for the body.
      await once(socket, "data");
      return socket;
    }),
  );
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

/** Writes to the log as if a backup or a repair held it. @returns what lets go of it */
function lockLog({ dataDir }: RealProcesses): () => void {
  const log = new Sqlite(join(dataDir, "log.db"));
  log.exec("BEGIN IMMEDIATE");
  return () => void log.close();
}
