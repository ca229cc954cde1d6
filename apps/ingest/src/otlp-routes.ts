import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import { charsetProblem, mediaTypeOf } from "@trinity/http/media-type";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import type { OtlpSignal } from "@trinity/otlp/otlp-records";
import { exportResponseJson, exportResponseProtobuf, rpcStatusJson, rpcStatusProtobuf } from "@trinity/otlp/otlp-response";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Admission } from "./admission.ts";
import { admitRequest } from "./admit-request.ts";
import type { EventPipeline } from "./event-pipeline.ts";
import { receivedBodyOf } from "./events-route.ts";
import { type EarlyError, type OtlpHttpProblem, otlpProblemOf, otlpProblemOfAuth } from "./otlp-problem.ts";
import { type OtlpEncoding, otlpBodyBytesMax, otlpProtocol } from "./otlp-protocol.ts";

const encodingOf: Readonly<Record<string, OtlpEncoding>> = { "application/x-protobuf": "protobuf", "application/json": "json" };
const signals: readonly OtlpSignal[] = ["traces", "logs", "metrics"];

/** OTLP/HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf and JSON; a problem is a `google.rpc.Status` in the request's encoding. */
export function installOtlpRoutes(app: FastifyInstance, ingest: EventPipeline, authenticator: Authenticator, admission: Admission): void {
  for (const signal of signals) {
    const url = `/v1/${signal}`;
    app.route({
      method: "POST",
      url,
      bodyLimit: otlpBodyBytesMax,
      onRequest: async (request, reply) => {
        const authorized = await authorize(authenticator, request, "otlp:write");
        if (!authorized.ok) return sendOtlpProblem(request, reply, otlpProblemOfAuth(authorized.error));
        if (encodingOfRequest(request) === undefined) return sendOtlpProblem(request, reply, problemOfType(request));
        const admitted = admitRequest(admission, authorized.value.prefix, request, reply);
        return admitted.ok ? undefined : sendOtlpProblem(request, reply, otlpProblemOf(admitted.error));
      },
      errorHandler: (error, request, reply) => sendOtlpProblem(request, reply, otlpProblemOf(error as EarlyError)),
      handler: async (request, reply) => {
        const encoding = encodingOfRequest(request) as OtlpEncoding;
        const answer = await ingest(receivedBodyOf(request), otlpProtocol(signal, encoding));
        if (!answer.ok) return sendOtlpProblem(request, reply, otlpProblemOf(answer.error));
        if (encoding === "protobuf") return reply.type("application/x-protobuf").send(exportResponseProtobuf(answer.value));
        return reply.type("application/json").send(exportResponseJson(signal, answer.value));
      },
    });
    installMethodNotAllowed(app, url, (request, reply) => sendOtlpProblem(request, reply, otlpProblemOf({ statusCode: 405 })));
  }
}

function problemOfType(request: FastifyRequest): OtlpHttpProblem {
  const problem = otlpProblemOf({ statusCode: 415 });
  const charset = charsetProblem(request.headers["content-type"]);
  return charset === null ? problem : { ...problem, message: `${charset} ${problem.message}` };
}

function encodingOfRequest(request: FastifyRequest): OtlpEncoding | undefined {
  const type = mediaTypeOf(request.headers["content-type"]);
  return type !== null && Object.hasOwn(encodingOf, type) ? encodingOf[type] : undefined;
}

/** Answers in the encoding of the request, or in JSON when we do not know it. */
function sendOtlpProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  { httpStatus, code, message, retryAfterS }: OtlpHttpProblem,
): FastifyReply {
  const status = { code, message, ...(retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1_000 }) };
  if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
  if (httpStatus === 401) reply.header("www-authenticate", 'Bearer realm="trinity"');
  reply.code(httpStatus);
  if (encodingOfRequest(request) === "protobuf") return reply.type("application/x-protobuf").send(rpcStatusProtobuf(status));
  return reply.type("application/json").send(JSON.stringify(rpcStatusJson(status)));
}
