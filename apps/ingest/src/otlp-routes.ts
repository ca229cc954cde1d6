import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import { charsetProblem, mediaTypeOf } from "@trinity/http/media-type";
import { refuseOtherMethods } from "@trinity/http/method-not-allowed";
import type { OtlpSignal } from "@trinity/otlp/otlp-records";
import { exportResponseJson, exportResponseProtobuf, rpcStatusJson, rpcStatusProtobuf } from "@trinity/otlp/otlp-response";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { EventPipeline } from "./event-pipeline.ts";
import { bodyOf } from "./events-route.ts";
import { type OtlpEncoding, otlpBodyBytesMax, otlpProtocol } from "./otlp-protocol.ts";
import { type OtlpRefusal, refusalOf, refusalOfAuth } from "./otlp-refusal.ts";

const encodingOf: Readonly<Record<string, OtlpEncoding>> = { "application/x-protobuf": "protobuf", "application/json": "json" };
const signals: readonly OtlpSignal[] = ["traces", "logs", "metrics"];

/** OTLP/HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf and JSON; refusals are a `google.rpc.Status` in the request's encoding. */
export function installOtlpRoutes(app: FastifyInstance, ingest: EventPipeline, authenticator: Authenticator): void {
  for (const signal of signals) {
    const url = `/v1/${signal}`;
    app.route({
      method: "POST",
      url,
      bodyLimit: otlpBodyBytesMax,
      onRequest: async (request, reply) => {
        const refusal = await refusalOfCaller(request, authenticator);
        return refusal === null ? undefined : refuse(request, reply, refusal);
      },
      errorHandler: (error, request, reply) => refuse(request, reply, refusalOf((error as { statusCode?: number }).statusCode ?? 503)),
      handler: async (request, reply) => {
        const encoding = encodingOfRequest(request) as OtlpEncoding;
        const answer = await ingest(
          { bytes: bodyOf(request), encoding: request.headers["content-encoding"] },
          otlpProtocol(signal, encoding),
        );
        if (!answer.ok) return refuse(request, reply, refusalOf(answer.error));
        if (encoding === "protobuf") return reply.type("application/x-protobuf").send(exportResponseProtobuf(answer.value));
        return reply.type("application/json").send(exportResponseJson(signal, answer.value));
      },
    });
    refuseOtherMethods(app, url, (request, reply) => refuse(request, reply, refusalOf(405)));
  }
}

async function refusalOfCaller(request: FastifyRequest, authenticator: Authenticator): Promise<OtlpRefusal | null> {
  const authorized = await authorize(authenticator, request, "otlp:write");
  if (!authorized.ok) return refusalOfAuth(authorized.error);
  if (encodingOfRequest(request) !== undefined) return null;
  const refusal = refusalOf(415);
  const problem = charsetProblem(request.headers["content-type"]);
  return problem === null ? refusal : { ...refusal, message: `${problem} ${refusal.message}` };
}

function encodingOfRequest(request: FastifyRequest): OtlpEncoding | undefined {
  const type = mediaTypeOf(request.headers["content-type"]);
  return type !== null && Object.hasOwn(encodingOf, type) ? encodingOf[type] : undefined;
}

/** A sender reads a refusal in the encoding that it writes; one that we do not know gets JSON. */
function refuse(request: FastifyRequest, reply: FastifyReply, { httpStatus, code, message, retryAfterS }: OtlpRefusal): FastifyReply {
  const status = { code, message, ...(retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1_000 }) };
  if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
  if (httpStatus === 401) reply.header("www-authenticate", 'Bearer realm="trinity"');
  reply.code(httpStatus);
  if (encodingOfRequest(request) === "protobuf") return reply.type("application/x-protobuf").send(rpcStatusProtobuf(status));
  return reply.type("application/json").send(JSON.stringify(rpcStatusJson(status)));
}
