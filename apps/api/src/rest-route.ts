import accepts from "@fastify/accepts";
import type { Authenticator } from "@trinity/auth/authenticator";
import { loggedError } from "@trinity/http/logged-error";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { sendProblem } from "@trinity/http/problem-handling";
import { traceIdOf } from "@trinity/http/trace-id";
import { callTRPCProcedure, TRPCError } from "@trpc/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ApiProblem, apiError, apiProblemOf } from "./api-problem.ts";
import type { Resources } from "./context.ts";
import { sendStream } from "./event-stream.ts";
import { jsonPieces } from "./json-pieces.ts";
import { bodyOf } from "./long-text.ts";
import { overflowedHeader } from "./metric-answer.ts";
import type { ListedProcedure } from "./procedure-list.ts";
import { contextOf, requireCaller } from "./request-caller.ts";
import { inputOfParameters, type Parameters } from "./rest-input.ts";
import { appRouter } from "./router.ts";

export type RestSettings = {
  readonly procedures: readonly ListedProcedure[];
  readonly resources: Resources;
  readonly authenticator: Authenticator;
};

/** Serves every procedure below the app's prefix by calling it as tRPC would, with an input made of path, query and body. */
export function installRest(app: FastifyInstance, { procedures, resources, authenticator }: RestSettings): void {
  app.register(accepts);
  requireCaller(app, authenticator, sendApiProblem);
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, "not-found"));
  const routes = procedures.flatMap((procedure) => urlsOf(procedure).map((url) => ({ url, procedure })));
  for (const { url, procedure } of routes) {
    app.route({
      method: procedure.rest.method,
      url,
      exposeHeadRoute: procedure.type === "query", // a HEAD would open a stream
      handler: (request, reply) => answer(procedure, request, reply, { procedures, resources, authenticator }),
    });
  }
  for (const url of new Set(routes.map((route) => route.url))) installMethodNotAllowed(app, url);
}

function urlsOf({ rest: { path, aliases = [] } }: ListedProcedure): readonly string[] {
  return [path, ...aliases].map((one) => one.replaceAll(/\{(\w+)\}/g, ":$1"));
}

async function answer(
  procedure: ListedProcedure,
  request: FastifyRequest,
  reply: FastifyReply,
  settings: RestSettings,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  try {
    const input = inputOf(procedure, request);
    const csv = csvFormOf(procedure, request);
    const result: unknown = await callTRPCProcedure({
      router: appRouter,
      path: procedure.path,
      type: procedure.type,
      getRawInput: async () => input,
      ctx: contextOf(request, reply, settings.resources, settings.authenticator),
      signal: gone.signal,
      batchIndex: 0,
    });
    if (procedure.type === "subscription") return await sendStream(reply, result as AsyncIterable<unknown>);
    reply.header("cache-control", "no-store");
    if (procedure.csv !== undefined) reply.header("vary", "accept");
    if (csv !== undefined) nameOverflowed(result, reply);
    return csv === undefined
      ? reply.header("content-type", "application/json; charset=utf-8").send(bodyOf(jsonPieces(result)))
      : reply.header("content-type", "text/csv; charset=utf-8; header=present").send(bodyOf(csv(result, input)));
  } catch (error) {
    return sendError(error, request, reply);
  }
}

/** A table has no place to say so: the header does, as a list of names. */
function nameOverflowed(result: unknown, reply: FastifyReply): void {
  const { overflowed } = result as { readonly overflowed?: readonly string[] };
  if (overflowed !== undefined) reply.header(overflowedHeader, overflowed.join(", "));
}

function inputOf({ rest, type, input, csv }: ListedProcedure, request: FastifyRequest): unknown {
  const path = request.params as Parameters;
  const { format, ...others } = request.query as Parameters;
  const query = csv === undefined ? { ...others, format } : others;
  if (rest.method === "POST") return { ...parsedBody(request.body), ...path };
  const lastEventId = type === "subscription" ? request.headers["last-event-id"] : undefined;
  return inputOfParameters(input, { ...query, ...(lastEventId === undefined ? {} : { lastEventId }), ...path });
}

/** @returns the renderer where CSV is asked for: by the parameter `format`, as a link can, or else by the header `Accept` */
function csvFormOf({ csv }: ListedProcedure, request: FastifyRequest): ListedProcedure["csv"] {
  if (csv === undefined) return undefined;
  const { format } = request.query as Parameters;
  if (format === undefined) return request.accepts().type(["application/json", "text/csv"]) === "text/csv" ? csv : undefined;
  if (format === "csv") return csv;
  if (format === "json") return undefined;
  throw apiError({ slug: "invalid-input", errors: [{ path: "format", message: "must be json or csv" }] });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = apiProblemOf(error);
  if (problem.slug === "internal") {
    request.log.error(
      { traceId: traceIdOf(request), route: request.routeOptions.url, err: loggedError(error instanceof TRPCError ? error.cause : error) },
      "request failed",
    );
  }
  return sendApiProblem(request, reply, problem);
}

function sendApiProblem(request: FastifyRequest, reply: FastifyReply, { slug, ...problem }: ApiProblem): FastifyReply {
  return sendProblem(request, reply, slug, problem);
}

/** @param text as `installJsonBody` hands it on; of a key that is there twice the last value counts */
function parsedBody(text: unknown): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(typeof text === "string" ? text : "null");
  } catch {
    throw apiError({ slug: "malformed-request", detail: "The body is not JSON." });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw apiError({ slug: "invalid-input", errors: [{ path: "", message: "must be a JSON object" }] });
}
