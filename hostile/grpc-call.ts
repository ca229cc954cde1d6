import { connect, constants } from "node:http2";
import type { GrpcEnd } from "./hostile-case.ts";
import type { HostileContext } from "./hostile-context.ts";

export type GrpcCall = {
  readonly signal: "traces" | "logs" | "metrics";
  /** Bytes of the stream, frames included. */
  readonly bytes: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly key?: string | null;
};

const pathOf = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
} as const;

/** @returns the message in its frame: a flag, four bytes of length, the bytes */
export function grpcFrame(message: Buffer, { compressed = false, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** One call over a separate connection. */
export async function callGrpc(context: HostileContext, { signal, bytes, headers, path, key }: GrpcCall): Promise<GrpcEnd> {
  // With the default, Node's client closes streams that have much data to send.
  const session = connect(`http://${context.host}:${context.grpcPort}`, { maxSessionMemory: 1_000 });
  const { promise, resolve } = Promise.withResolvers<GrpcEnd>();
  const chunks: Buffer[] = [];
  let ended: Record<string, unknown> = {};
  const finish = () => resolve(endOf(ended, Buffer.concat(chunks)));
  session.on("error", finish);
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path ?? pathOf[signal],
    "content-type": "application/grpc",
    te: "trailers",
    ...(key === null ? {} : { authorization: `Bearer ${key ?? context.ingestKey}` }),
    ...headers,
  });
  stream.on("response", (received) => (ended = { ...ended, ...received }));
  stream.on("trailers", (received) => (ended = { ...ended, ...received }));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", finish);
  stream.on("close", finish);
  stream.end(bytes);
  const end = await promise;
  session.destroy();
  return end;
}

function endOf(headers: Readonly<Record<string, unknown>>, response: Buffer): GrpcEnd {
  const status = headers["grpc-status"];
  return {
    status: status === undefined ? null : Number(status),
    message: decodeURIComponent(String(headers["grpc-message"] ?? "")),
    details: Buffer.from(String(headers["grpc-status-details-bin"] ?? ""), "base64"),
    response: response.subarray(5),
  };
}
