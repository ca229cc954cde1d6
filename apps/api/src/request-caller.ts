import type { AuthProblem } from "@trinity/auth/auth-problem";
import type { Authenticator } from "@trinity/auth/authenticator";
import type { Caller } from "@trinity/auth/caller";
import { traceIdOf } from "@trinity/http/trace-id";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiProblem } from "./api-problem.ts";
import type { Context, Resources } from "./context.ts";

const callers = new WeakMap<FastifyRequest, Caller>();

/** Answers a refusal in the form of one surface. */
export type SendProblem = (request: FastifyRequest, reply: FastifyReply, problem: ApiProblem) => FastifyReply;

/** Lets only callers with a valid key pass, before anything of a body is read. Keys count in headers only. */
export function requireCaller(app: FastifyInstance, authenticator: Authenticator, send: SendProblem): void {
  app.addHook("onRequest", async (request, reply) => {
    const authenticated = await authenticator.authenticate(request.headers, request.ip);
    if (authenticated.ok) callers.set(request, authenticated.value);
    else return send(request, reply, problemOfAuth(authenticated.error));
  });
}

export function problemOfAuth({ kind, ...wait }: AuthProblem): ApiProblem {
  return kind === "too-many-requests" ? { slug: kind, detail: "Too many wrong keys came from this address.", ...wait } : { slug: kind };
}

/** @throws {TypeError} for a request that passed no `requireCaller` */
export function contextOf(request: FastifyRequest, reply: FastifyReply, resources: Resources, authenticator: Authenticator): Context {
  const caller = callers.get(request);
  if (caller === undefined) throw new TypeError("this route asks for no key");
  const { headers, ip } = request;
  const stillValid = async () => (await authenticator.authenticate(headers, ip)).ok;
  const { prefix } = caller;
  return { ...resources, caller, stillValid, traceId: traceIdOf(request), request: { caller: prefix }, signal: leavingSignal(reply) };
}

/** The signal of fastify's request aborts once a body was read as well. */
function leavingSignal({ raw }: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) leaving.abort();
  });
  return leaving.signal;
}
