import { gzipSync } from "node:zlib";
import { Client, compressionAlgorithms, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import type { GrpcProblem, OtlpAnswer } from "./grpc-answer.ts";
import { type OtlpCall, type OtlpGrpcServer, type OtlpGrpcSettings, startOtlpGrpc } from "./otlp-grpc.ts";
import { decodeOtlpProtobuf } from "./otlp-protobuf.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { encodeSpans, sdkSpan, taken } from "./otlp-requests.testing.ts";
import { exportResponseProtobuf, fullSuccess, rpcStatusProtobuf } from "./otlp-response.ts";

type Outcome = { readonly answer: Buffer } | { readonly error: ServiceError };

const pathOf: Record<OtlpSignal, string> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};
const body = encodeSpans([sdkSpan()]).protobuf;
const same = (bytes: Buffer): Buffer => bytes;

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function serve(settings: Partial<OtlpGrpcSettings>): Promise<OtlpGrpcServer> {
  const handle = async (): Promise<OtlpAnswer> => ({ kind: "ok", partialSuccess: fullSuccess });
  const server = await startOtlpGrpc({ host: "127.0.0.1", port: 0, handle, ...settings });
  opened.unshift({ close: () => server.stop(0) });
  return server;
}

function clientOf(server: OtlpGrpcServer, options: Record<string, unknown> = {}): Client {
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), { "grpc.enable_retries": 0, ...options });
  opened.unshift({ close: () => client.close() });
  return client;
}

function send(client: Client, signal: OtlpSignal, message: Buffer, metadata = new Metadata()): Promise<Outcome> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(pathOf[signal], same, same, message, metadata, (error, answer) =>
      resolve(error === null ? { answer: answer as Buffer } : { error }),
    );
  });
}

test("each signal reaches the handler with its bytes and the caller's metadata", async () => {
  const calls: unknown[] = [];
  const server = await serve({
    handle: async (signal, bytes, metadata) => {
      calls.push([signal, Buffer.from(bytes).equals(body), metadata.authorization, metadata.apiKey]);
      return { kind: "ok", partialSuccess: fullSuccess };
    },
  });
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer tk_abc");
  metadata.set("x-api-key", "tk_def");
  const client = clientOf(server);
  for (const signal of ["traces", "logs", "metrics"] as const)
    expect(await send(client, signal, body, metadata)).toEqual({ answer: Buffer.alloc(0) });
  expect(calls).toEqual(["traces", "logs", "metrics"].map((signal) => [signal, true, "Bearer tk_abc", "tk_def"]));
});

test("a gzip message arrives decompressed", async () => {
  const handle: OtlpGrpcSettings["handle"] = async (signal, bytes) => {
    const { records } = taken(decodeOtlpProtobuf(signal, bytes));
    return { kind: "ok", partialSuccess: { rejectedCount: records.length, errorMessage: "seen" } };
  };
  const client = clientOf(await serve({ handle }), { "grpc.default_compression_algorithm": compressionAlgorithms.gzip });
  expect(await send(client, "traces", body)).toEqual({ answer: exportResponseProtobuf({ rejectedCount: 1, errorMessage: "seen" }) });
});

describe("a problem ends with its code, and says when to retry only if the same request may succeed", () => {
  test.each<[GrpcProblem, status]>([
    [{ kind: "unauthenticated", message: "no key" }, status.UNAUTHENTICATED],
    [{ kind: "permission_denied", message: "not yours" }, status.PERMISSION_DENIED],
    [{ kind: "invalid_argument", message: "no request" }, status.INVALID_ARGUMENT],
    [{ kind: "too_large", message: "too many" }, status.RESOURCE_EXHAUSTED],
    [{ kind: "busy", message: "later", retryAfterMs: 2_000 }, status.RESOURCE_EXHAUSTED],
    [{ kind: "unavailable", message: "store", retryAfterMs: 500 }, status.UNAVAILABLE],
  ])("%j", async (problem, code) => {
    const outcome = await send(clientOf(await serve({ handle: async () => problem })), "logs", body);
    if (!("error" in outcome)) throw new Error("the call was answered");
    expect(outcome.error).toMatchObject({ code, details: problem.message });
    const retry = "retryAfterMs" in problem ? { retryAfterMs: problem.retryAfterMs } : {};
    expect(outcome.error.metadata.get("grpc-status-details-bin")).toEqual([
      rpcStatusProtobuf({ code, message: problem.message, ...retry }),
    ]);
  });
});

test("a handler that throws costs the sender no data: the answer asks it to retry", async () => {
  const handle = async (): Promise<OtlpAnswer> => {
    throw new Error("secret detail of /var/lib");
  };
  const outcome = await send(clientOf(await serve({ handle })), "metrics", body);
  expect(outcome).toMatchObject({ error: { code: status.UNAVAILABLE, details: expect.not.stringContaining("secret") } });
});

test("a message beyond 20 MiB is refused, also if only its decompressed form is that large", async () => {
  let handled = 0;
  const server = await serve({
    handle: async () => {
      handled++;
      return { kind: "ok", partialSuccess: fullSuccess };
    },
  });
  const large = Buffer.alloc(20 * 1024 * 1024 + 1);
  expect(gzipSync(large).length).toBeLessThan(100_000);
  const zipping = clientOf(server, {
    "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    "grpc.max_send_message_length": -1,
  });
  expect(await send(zipping, "traces", large)).toMatchObject({ error: { code: status.RESOURCE_EXHAUSTED } });
  const plain = clientOf(server, { "grpc.max_send_message_length": -1 });
  expect(await send(plain, "traces", large)).toMatchObject({ error: { code: status.RESOURCE_EXHAUSTED } });
  expect(handled).toBe(0);
});

describe("a caller is authorized before its message is read", () => {
  const authorize: NonNullable<OtlpGrpcSettings["authorize"]> = async (_, { apiKey }) =>
    apiKey === "good" ? undefined : { kind: "unauthenticated", message: "a valid key is needed" };

  test("without a key, not even a message that is too large is decompressed", async () => {
    const server = await serve({ authorize });
    const zipping = clientOf(server, {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
      "grpc.max_send_message_length": -1,
    });
    expect(await send(zipping, "traces", Buffer.alloc(21 * 1024 * 1024))).toMatchObject({ error: { code: status.UNAUTHENTICATED } });
  });

  test("with a key, the call continues", async () => {
    const metadata = new Metadata();
    metadata.set("x-api-key", "good");
    expect(await send(clientOf(await serve({ authorize })), "traces", body, metadata)).toEqual({ answer: Buffer.alloc(0) });
  });

  test("a check that throws ends in a retry, not in the handler", async () => {
    const failing = async (): Promise<undefined> => {
      throw new Error("store gone");
    };
    expect(await send(clientOf(await serve({ authorize: failing })), "traces", body)).toMatchObject({
      error: { code: status.UNAVAILABLE },
    });
  });
});

describe("a call says once when it is over", () => {
  async function endsOf(handle: OtlpGrpcSettings["handle"]) {
    const ends: string[] = [];
    const ended = Promise.withResolvers<void>();
    const server = await serve({
      authorize: async (_, call) => {
        call.onEnd(() => {
          ends.push("ended");
          ended.resolve();
        });
        return undefined;
      },
      handle,
    });
    return { server, ends, ended: ended.promise };
  }

  test.each<[string, OtlpGrpcSettings["handle"]]>([
    ["answered", async () => ({ kind: "ok", partialSuccess: fullSuccess })],
    ["answered with a problem", async () => ({ kind: "busy", message: "later", retryAfterMs: 1_000 })],
    ["answered by a handler that throws", () => Promise.reject(new Error("a defect"))],
  ])("when it is %s", async (_, handle) => {
    const { server, ends, ended } = await endsOf(handle);
    await send(clientOf(server), "traces", body);
    await ended;
    expect(ends).toEqual(["ended"]);
  });

  test("when its message is too large", async () => {
    const { server, ends, ended } = await endsOf(async () => ({ kind: "ok", partialSuccess: fullSuccess }));
    await send(clientOf(server, { "grpc.max_send_message_length": -1 }), "traces", Buffer.alloc(21 * 1024 * 1024));
    await ended;
    expect(ends).toEqual(["ended"]);
  });

  test("when its sender leaves; at once to who asks later", async () => {
    const entered = Promise.withResolvers<OtlpCall>();
    const { server, ends, ended } = await endsOf((_signal, _bytes, call) => {
      entered.resolve(call);
      return new Promise<OtlpAnswer>(() => undefined);
    });
    const client = clientOf(server);
    const sent = client.makeUnaryRequest(pathOf.traces, same, same, body, () => undefined);
    const call = await entered.promise;
    sent.cancel();
    await ended;
    call.onEnd(() => ends.push("asked later"));
    expect(ends).toEqual(["ended", "asked later"]);
  });
});

test("a method that OTLP does not have is unimplemented, and the server goes on", async () => {
  const client = clientOf(await serve({}));
  const outcome = await new Promise((resolve) => {
    client.makeUnaryRequest("/opentelemetry.proto.collector.trace.v1.TraceService/Import", same, same, body, (error) =>
      resolve(error?.code),
    );
  });
  expect(outcome).toBe(status.UNIMPLEMENTED);
  expect(await send(client, "traces", body)).toEqual({ answer: Buffer.alloc(0) });
});

test("stopping lets a running call finish", async () => {
  const entered = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const server = await serve({
    handle: async () => {
      entered.resolve();
      await mayAnswer.promise;
      return { kind: "ok", partialSuccess: fullSuccess };
    },
  });
  const outcome = send(clientOf(server), "traces", body);
  await entered.promise;
  const stopped = server.stop(10_000);
  mayAnswer.resolve();
  expect(await outcome).toEqual({ answer: Buffer.alloc(0) });
  await stopped;
});

test("stopping cuts a call that outlives the grace", async () => {
  const entered = Promise.withResolvers<void>();
  const server = await serve({
    handle: () => {
      entered.resolve();
      return new Promise<OtlpAnswer>(() => undefined);
    },
  });
  const outcome = send(clientOf(server), "traces", body);
  await entered.promise;
  await server.stop(0);
  expect(await outcome).toMatchObject({ error: { code: expect.any(Number) } });
});

test("a port that is taken rejects the start", async () => {
  const server = await serve({});
  await expect(serve({ port: server.port })).rejects.toThrow();
});
