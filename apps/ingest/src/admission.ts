import type { FastifyInstance, FastifyRequest } from "fastify";

/** Bodies of requests under way may take this much memory together; above, a sender must come back. */
const bytesInFlightMax = 256 * 1024 * 1024;

/** Thrown, so that the route's own error handler answers: OTLP has another form of problem. */
class TooMuchUnderWayError extends Error {
  override readonly name = "TooMuchUnderWayError";
  readonly statusCode = 429;
}

/** Counts the bytes that requests under way have announced, or may send where they announce nothing. */
export function installAdmission(app: FastifyInstance): void {
  let inFlight = 0;
  app.addHook("onRequest", async (request, reply) => {
    const bytes = bytesOf(request);
    if (inFlight + bytes > bytesInFlightMax) throw new TooMuchUnderWayError("too many bytes are under way");
    inFlight += bytes;
    // Comes once: after the answer, or when its sender leaves. Fastify's hooks say the latter only while the body is incomplete.
    reply.raw.once("close", () => {
      inFlight -= bytes;
    });
  });
}

function bytesOf(request: FastifyRequest): number {
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (Number.isFinite(length)) return Math.min(length, request.routeOptions.bodyLimit);
  return request.headers["transfer-encoding"] === undefined ? 0 : request.routeOptions.bodyLimit;
}
