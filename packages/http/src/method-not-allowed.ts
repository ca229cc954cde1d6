import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./problem-handling.ts";

type SendProblem = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
const asProblem: SendProblem = (request, reply) => sendProblem(request, reply, "method-not-allowed");

/**
 * Answers every method without a route at an address with 405 and `Allow`, before a body is read. Call it after the routes of the address.
 * @param url as in its routes, without the prefix of the scope
 * @param send answers in another format than problem details
 */
export function installMethodNotAllowed(app: FastifyInstance, url: string, send = asProblem): void {
  const has = (method: string) => app.hasRoute({ method, url: app.prefix + url });
  const others = app.supportedMethods.filter((method) => !has(method));
  // HEAD comes with GET and is not listed.
  const allow = app.supportedMethods.filter((method) => has(method) && method !== "HEAD").join(", ");
  app.route({
    method: others,
    url,
    onRequest: async (request, reply) => send(request, reply.header("allow", allow)),
    handler: (_request, reply) => reply,
  });
}
