import type { AuthProblem } from "@trinity/auth/auth-problem";
import { problemTypes } from "@trinity/http/problem-type";
import type { GrpcProblem } from "@trinity/otlp/grpc-answer";
import { type IngestProblem, slugOf } from "./ingest-problem.ts";

/** A problem as OTLP/HTTP answers it: an HTTP status, and the gRPC code and message of the `google.rpc.Status` in the body. */
export type OtlpHttpProblem = {
  readonly httpStatus: number;
  readonly code: number;
  readonly message: string;
  /** Senders try again after 429, 502, 503 and 504 only, and never after anything else. */
  readonly retryAfterS?: number;
};

/** What is thrown before the pipeline: `retryAfterS` only of a status after which senders try again. */
export type EarlyError = { readonly statusCode?: number; readonly retryAfterS?: number };

const codeOf = {
  400: { code: 3, message: "The request could not be read." },
  401: { code: 16, message: "The request carries no valid API key." },
  403: { code: 7, message: "The key may not send telemetry." },
  405: { code: 12, message: "Telemetry is sent by POST." },
  413: { code: 8, message: "The body is too large: send smaller batches." },
  415: { code: 3, message: "Content-Type must be application/x-protobuf or application/json; Content-Encoding gzip, zstd or none." },
  429: { code: 8, message: "Too much at once." },
  503: { code: 14, message: "The request could not be stored." },
} as const satisfies Readonly<Record<number, { code: number; message: string }>>;

/** SDKs give up a batch after ten seconds, and at once when they are asked to wait for longer. */
const retryAfterMaxS = 5;

/** @param problem of the pipeline, or an error before it */
export function otlpProblemOf(problem: IngestProblem | EarlyError): OtlpHttpProblem {
  const wanted = "kind" in problem ? problemTypes[slugOf[problem.kind]].status : (problem.statusCode ?? 503);
  // After an unforeseen error the sender must keep its data and retry.
  const httpStatus = Object.hasOwn(codeOf, wanted) ? wanted : 503;
  const known: { code: number; message: string } = codeOf[httpStatus as keyof typeof codeOf];
  const detail = "kind" in problem ? { message: problem.detail } : {};
  const { retryAfterS = 1 } = problem as EarlyError;
  return {
    httpStatus,
    ...known,
    ...detail,
    ...(httpStatus === 429 || httpStatus === 503 ? { retryAfterS: Math.min(retryAfterS, retryAfterMaxS) } : {}),
  };
}

export function otlpProblemOfAuth({ kind, ...wait }: AuthProblem): OtlpHttpProblem {
  return { ...otlpProblemOf({ statusCode: problemTypes[kind].status }), ...wait };
}

export function grpcAnswerOfAuth(problem: AuthProblem): GrpcProblem {
  if (problem.kind === "unauthenticated") return { kind: "unauthenticated", message: codeOf[401].message };
  if (problem.kind === "forbidden") return { kind: "permission_denied", message: codeOf[403].message };
  return { kind: "busy", message: "Too many wrong keys.", retryAfterMs: problem.retryAfterS * 1_000 };
}

/** The same problem as OTLP/gRPC answers it. */
export function grpcAnswerOf(problem: IngestProblem): GrpcProblem {
  if (problem.kind === "too_large") return { kind: "too_large", message: problem.detail };
  if (problem.permanent) return { kind: "invalid_argument", message: problem.detail };
  return {
    kind: problem.kind === "too_much_under_way" ? "busy" : "unavailable",
    message: problem.detail,
    retryAfterMs: Math.min(problem.retryAfterS, retryAfterMaxS) * 1_000,
  };
}
