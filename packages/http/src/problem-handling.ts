import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { loggedError } from "./logged-error.ts";
import { charsetProblem } from "./media-type.ts";
import { type InputError, type Problem, problem, problemContentType } from "./problem.ts";
import { problemOfError } from "./problem-of-error.ts";
import type { ProblemSlug } from "./problem-type.ts";
import { traceIdOf } from "./trace-id.ts";

export type ProblemOptions = {
  readonly detail?: string;
  readonly errors?: readonly InputError[];
  /** Sent as `Retry-After`; a 429 or 503 without it says 1 second. */
  readonly retryAfterS?: number;
};

/**
 * Answers a request with problem details.
 * @param bodyOf adds the fields of a surface
 */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  slug: ProblemSlug,
  options: ProblemOptions = {},
  bodyOf: (problem: Problem) => Problem = unchanged,
): FastifyReply {
  const { retryAfterS, ...details } = options;
  const body = bodyOf(problem(slug, { ...details, traceId: traceIdOf(request) }));
  if (body.status === 429 || body.status === 503) reply.header("retry-after", Math.max(1, Math.ceil(retryAfterS ?? 1)));
  if (body.status === 401) reply.header("www-authenticate", 'Bearer realm="trinity"');
  reply.header("cache-control", "no-store");
  return reply.code(body.status).type(problemContentType).send(JSON.stringify(body));
}

export function unchanged(body: Problem): Problem {
  return body;
}

/** Answers a thrown error; an unforeseen one is logged with its trace id. */
export function sendProblemOfError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  unexpected: "internal" | "unavailable" = "internal",
  bodyOf: (problem: Problem) => Problem = unchanged,
): FastifyReply {
  const { slug, ...details } = problemOfError(error, unexpected);
  if (slug === "internal" || slug === "unavailable") {
    request.log.error({ traceId: traceIdOf(request), route: request.routeOptions.url, err: loggedError(error) }, "request failed");
  }
  return sendProblem(request, reply, slug, { ...detailOf(slug, request), ...details }, bodyOf);
}

/** The detail of a problem that follows from the headers of its request. */
export function detailOf(slug: ProblemSlug, { headers }: Pick<FastifyRequest, "headers">): { readonly detail?: string } {
  const detail = slug === "unsupported-media-type" ? charsetProblem(headers["content-type"]) : null;
  return detail === null ? {} : { detail };
}

/**
 * Answers every failure of an app with problem details.
 * @param unexpected `unavailable` for ingest: an OTLP client drops its batch on a 500 and keeps it on a 503
 */
export function installProblemHandling(app: FastifyInstance, unexpected: "internal" | "unavailable" = "internal"): void {
  app.setErrorHandler((error, request, reply) => sendProblemOfError(error, request, reply, unexpected));
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, "not-found"));
}
