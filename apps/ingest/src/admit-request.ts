import { Transform } from "node:stream";
import { type Failed, ok, type Result } from "@trinity/runtime/result";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Admission, type Admitted, unannouncedBytes } from "./admission.ts";
import type { IngestProblem } from "./ingest-problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Null on routes that take no events. */
    admitted: Admitted | null;
  }
}

/** Thrown while a body comes, so that the error handler of its route answers: OTLP has another form of problem. */
class TooMuchUnderWayError extends Error {
  override readonly name = "TooMuchUnderWayError";
  readonly statusCode = 429;
  readonly retryAfterS: number;

  constructor({ error }: Failed<IngestProblem & { readonly permanent: false }>) {
    super(error.detail);
    this.retryAfterS = error.retryAfterS;
  }
}

/** Counts bodies without an announced length as they come. */
export function installAdmission(app: FastifyInstance): void {
  app.decorateRequest("admitted", null);
  app.addHook("preParsing", (request, _reply, payload, done) => {
    const { admitted } = request;
    if (admitted === null || request.headers["transfer-encoding"] === undefined) return done(null, payload);
    let bytes = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        bytes += chunk.length;
        const grown = admitted.growTo(bytes);
        next(grown.ok ? null : new TooMuchUnderWayError(grown as never), chunk);
      },
    });
    // Not `pipeline`, which would also end the connection that the answer needs.
    payload.once("error", (error) => counted.destroy(error));
    done(null, payload.pipe(counted));
  });
}

/** Admits a request of a sender who may send, before its body is read; what it takes is given back after the answer, or when its sender leaves. */
export function admitRequest(
  admission: Admission,
  sender: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Result<null, IngestProblem> {
  const admitted = admission.admit(sender, bytesOf(request));
  if (!admitted.ok) return admitted;
  request.admitted = admitted.value;
  // Comes once. Fastify's hooks report a sender who leaves only while the body is incomplete.
  reply.raw.once("close", admitted.value.giveBack);
  return ok(null);
}

function bytesOf({ headers, routeOptions }: FastifyRequest): number {
  const length = Number(headers["content-length"] ?? Number.NaN);
  if (Number.isFinite(length)) return Math.min(length, routeOptions.bodyLimit);
  return headers["transfer-encoding"] === undefined ? 0 : unannouncedBytes;
}
