import {
  type Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { type GrpcProblem, grpcStatusOf, type OtlpAnswer } from "./grpc-answer.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { exportResponseProtobuf } from "./otlp-response.ts";

/** A call, with the metadata and the address of its caller; the same object from its start to its end. */
export type OtlpCall = {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  /** Address and port of the peer, of the socket. */
  readonly peer: string;
  /** Calls the listener once: when the call is answered, its caller has left, or at once if that is over. */
  onEnd(listener: () => void): void;
};

export type OtlpGrpcSettings = {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Called before the message is read or decompressed: a problem ends the call. */
  readonly authorize?: (signal: OtlpSignal, call: OtlpCall) => Promise<GrpcProblem | undefined>;
  /** Handles the protobuf bytes of one export request; resolves once the accepted records are durable. Called only for authorized calls. */
  readonly handle: (signal: OtlpSignal, body: Buffer, call: OtlpCall) => Promise<OtlpAnswer>;
};

export type OtlpGrpcServer = {
  readonly port: number;
  /** Accepts no more calls, lets running ones finish for `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
};

const messageBytesMax = 20 * 1024 * 1024;
const idleMs = 5 * 60_000;
const retryAfterDefectMs = 5_000;

const serviceOf = {
  traces: "opentelemetry.proto.collector.trace.v1.TraceService",
  logs: "opentelemetry.proto.collector.logs.v1.LogsService",
  metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService",
} as const satisfies Record<OtlpSignal, string>;
const signals = Object.keys(serviceOf) as OtlpSignal[];

/** Serves OTLP/gRPC (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc), gzip included. Rejects when the address cannot be bound. */
export async function startOtlpGrpc(settings: OtlpGrpcSettings): Promise<OtlpGrpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_concurrent_streams": 100,
    "grpc.max_connection_idle_ms": idleMs,
    interceptors: [authorizing(settings.authorize ?? (async () => undefined))],
  });
  for (const signal of signals) {
    server.addService({ Export: exportMethod(signal) }, { Export: exportHandler(signal, settings.handle) });
  }
  try {
    const port = await bind(server, settings);
    return { port, stop: (graceMs) => stop(server, graceMs) };
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
}

function exportPath(signal: OtlpSignal): string {
  return `/${serviceOf[signal]}/Export`;
}

const signalOfPath: ReadonlyMap<string, OtlpSignal> = new Map(signals.map((signal) => [exportPath(signal), signal]));

/** Bytes in, bytes out: the pipeline decodes the request, not the transport, so that every failure is counted. */
function exportMethod(signal: OtlpSignal): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path: exportPath(signal),
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function exportHandler(signal: OtlpSignal, handle: OtlpGrpcSettings["handle"]) {
  return async (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>): Promise<void> => {
    const answer = await orUnavailable(handle(signal, call.request, callOf.get(call.metadata) as OtlpCall));
    if (answer.kind === "ok") respond(null, exportResponseProtobuf(answer.partialSuccess));
    else respond(grpcStatusOf(answer));
  };
}

/** A defect of ours must not cost the sender its data: OTLP senders drop requests that end in UNKNOWN or INTERNAL. */
async function orUnavailable<Answer>(answering: Promise<Answer>): Promise<Answer | GrpcProblem> {
  try {
    return await answering;
  } catch {
    return { kind: "unavailable", message: "the request could not be stored", retryAfterMs: retryAfterDefectMs };
  }
}

/** By the metadata that its handler gets. */
const callOf = new WeakMap<Metadata, OtlpCall>();

function authorizing(authorize: NonNullable<OtlpGrpcSettings["authorize"]>): ServerInterceptor {
  return (method, call) => {
    const { onEnd, end } = callEnd();
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, proceed) {
            const signal = signalOfPath.get(method.path) as OtlpSignal;
            const started: OtlpCall = {
              authorization: firstText(metadata, "authorization"),
              apiKey: firstText(metadata, "x-api-key"),
              peer: call.getPeer(),
              onEnd,
            };
            callOf.set(metadata, started);
            void orUnavailable(authorize(signal, started)).then((problem) => {
              if (problem === undefined) proceed(metadata);
              else call.sendStatus(grpcStatusOf(problem));
            });
          },
          onReceiveMessage: (message, proceed) => proceed(message),
          onReceiveHalfClose: (proceed) => proceed(),
          // Comes at every end of a call, not only when it is cancelled.
          onCancel: end,
        });
      },
    });
  };
}

function callEnd(): { readonly onEnd: OtlpCall["onEnd"]; readonly end: () => void } {
  const ended = new AbortController();
  return {
    onEnd: (listener) => (ended.signal.aborted ? listener() : ended.signal.addEventListener("abort", listener, { once: true })),
    end: () => ended.abort(),
  };
}

function firstText(metadata: Metadata, name: string): string | undefined {
  const value = metadata.get(name)[0];
  return typeof value === "string" ? value : undefined;
}

function bind(server: Server, { host, port }: Pick<OtlpGrpcSettings, "host" | "port">): Promise<number> {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, boundPort) =>
      error === null ? resolve(boundPort) : reject(error),
    );
  });
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
