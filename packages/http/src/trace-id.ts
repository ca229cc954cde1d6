import type { FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** The trace of this request, 32 hex digits; also when it is not sampled. Empty until tracing has begun it. */
    traceId: string;
  }
}

/** @returns the trace id of a W3C `traceparent` header, or `null` when it has none that is valid */
export function traceIdOfTraceparent(header: string | readonly string[] | undefined): string | null {
  if (typeof header !== "string") return null;
  const traceId = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/.exec(header)?.[1];
  return traceId === undefined || /^0+$/.test(traceId) ? null : traceId;
}

/** A request that tracing never saw (its URL could not be decoded) still gets an id of the same format. */
export function traceIdOf(request: FastifyRequest): string {
  return request.traceId || request.id;
}
