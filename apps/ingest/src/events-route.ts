import type { Authenticator } from "@trinity/auth/authenticator";
import { charsetProblem, mediaTypeOf } from "@trinity/http/media-type";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requirePermission } from "./authorise.ts";
import type { EventPipeline, Protocol } from "./event-pipeline.ts";
import { slugOf } from "./ingest-problem.ts";
import type { JsonAcknowledgement } from "./json-acknowledgement.ts";
import { jsonProtocol, ndjsonProtocol } from "./json-protocol.ts";

const protocolOf: Readonly<Record<string, Protocol<JsonAcknowledgement>>> = {
  "application/json": jsonProtocol,
  "application/x-ndjson": ndjsonProtocol,
  "application/ndjson": ndjsonProtocol,
  "application/jsonl": ndjsonProtocol,
};

/** `POST /v1/events`: 202 once the accepted events are durable. */
export function installEventsRoute(app: FastifyInstance, ingest: EventPipeline, authenticator: Authenticator): void {
  app.route({
    method: "POST",
    url: "/v1/events",
    bodyLimit: jsonProtocol.bodyBytesMax,
    onRequest: [requirePermission(authenticator, "events:write"), requireKnownType],
    handler: async (request, reply) => {
      const protocol = protocolOf[mediaTypeOf(request.headers["content-type"]) ?? ""] as Protocol<JsonAcknowledgement>;
      const answer = await ingest({ bytes: bodyOf(request), encoding: request.headers["content-encoding"] }, protocol);
      if (answer.ok) return reply.code(202).send(answer.value);
      const { kind, permanent: _, ...details } = answer.error;
      return sendProblem(request, reply, slugOf[kind], details);
    },
  });
  installMethodNotAllowed(app, "/v1/events");
}

async function requireKnownType(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const type = mediaTypeOf(request.headers["content-type"]);
  if (type !== null && Object.hasOwn(protocolOf, type)) return undefined;
  const problem = charsetProblem(request.headers["content-type"]);
  const wanted = `Content-Type must be ${Object.keys(protocolOf).join(", ")}, in UTF-8.`;
  return sendProblem(request, reply, "unsupported-media-type", { detail: problem === null ? wanted : `${problem} ${wanted}` });
}

/** A request without a body has the empty one. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
