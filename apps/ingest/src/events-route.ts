import type { Authenticator } from "@trinity/auth/authenticator";
import { charsetProblem, mediaTypeOf } from "@trinity/http/media-type";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Admission } from "./admission.ts";
import { admitRequest } from "./admit-request.ts";
import { authorise } from "./authorise.ts";
import type { EventPipeline, Protocol } from "./event-pipeline.ts";
import { type IngestProblem, slugOf } from "./ingest-problem.ts";
import type { JsonAcknowledgement } from "./json-acknowledgement.ts";
import { jsonProtocol, ndjsonProtocol } from "./json-protocol.ts";
import type { ReceivedBody } from "./receive.ts";

const protocolOf: Readonly<Record<string, Protocol<JsonAcknowledgement>>> = {
  "application/json": jsonProtocol,
  "application/x-ndjson": ndjsonProtocol,
  "application/ndjson": ndjsonProtocol,
  "application/jsonl": ndjsonProtocol,
};

/** `POST /v1/events`: 202 once the accepted events are durable. */
export function installEventsRoute(app: FastifyInstance, ingest: EventPipeline, authenticator: Authenticator, admission: Admission): void {
  app.route({
    method: "POST",
    url: "/v1/events",
    bodyLimit: jsonProtocol.bodyBytesMax,
    onRequest: async (request, reply) => {
      const caller = await authorise(authenticator, "events:write", request, reply);
      if (caller === null || !hasKnownType(request, reply)) return reply;
      const admitted = admitRequest(admission, caller.prefix, request, reply);
      return admitted.ok ? undefined : sendIngestProblem(request, reply, admitted.error);
    },
    handler: async (request, reply) => {
      const protocol = protocolOf[mediaTypeOf(request.headers["content-type"]) ?? ""] as Protocol<JsonAcknowledgement>;
      const answer = await ingest(receivedBodyOf(request), protocol);
      return answer.ok ? reply.code(202).send(answer.value) : sendIngestProblem(request, reply, answer.error);
    },
  });
  installMethodNotAllowed(app, "/v1/events");
}

function sendIngestProblem(request: FastifyRequest, reply: FastifyReply, { kind, permanent: _, ...details }: IngestProblem): FastifyReply {
  return sendProblem(request, reply, slugOf[kind], details);
}

/** @returns false once it has answered with a problem */
function hasKnownType(request: FastifyRequest, reply: FastifyReply): boolean {
  const type = mediaTypeOf(request.headers["content-type"]);
  if (type !== null && Object.hasOwn(protocolOf, type)) return true;
  const problem = charsetProblem(request.headers["content-type"]);
  const wanted = `Content-Type must be ${Object.keys(protocolOf).join(", ")}, in UTF-8.`;
  sendProblem(request, reply, "unsupported-media-type", { detail: problem === null ? wanted : `${problem} ${wanted}` });
  return false;
}

/** @returns the body of a request that was admitted; without one it is empty */
export function receivedBodyOf({ admitted, body, headers }: FastifyRequest): ReceivedBody {
  if (admitted === null) throw new Error("a body was read that was not admitted");
  return { admitted, bytes: Buffer.isBuffer(body) ? body : Buffer.alloc(0), encoding: headers["content-encoding"] };
}
