import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { type PartialSuccess, rpcStatusProtobuf } from "./otlp-response.ts";

/** How a call of `Export` ends. The sender may retry after `busy` and `unavailable` only; everything else is final. */
export type OtlpAnswer =
  | { readonly kind: "ok"; readonly partialSuccess: PartialSuccess }
  | { readonly kind: "unauthenticated" | "permission_denied" | "invalid_argument" | "too_large"; readonly message: string }
  | { readonly kind: "busy" | "unavailable"; readonly message: string; readonly retryAfterMs: number };

export type GrpcProblem = Exclude<OtlpAnswer, { readonly kind: "ok" }>;

/** `too_large` and `busy` share a code: only RetryInfo shows a sender whether the same request may ever be accepted. */
const codeOf = {
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  invalid_argument: status.INVALID_ARGUMENT,
  too_large: status.RESOURCE_EXHAUSTED,
  busy: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
} satisfies Record<GrpcProblem["kind"], status>;

/** The problem as gRPC sends it, with details in the trailer that all gRPC libraries read. */
export function grpcStatusOf(problem: GrpcProblem): StatusObject {
  const code = codeOf[problem.kind];
  const retry = problem.kind === "busy" || problem.kind === "unavailable" ? { retryAfterMs: problem.retryAfterMs } : {};
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", rpcStatusProtobuf({ code, message: problem.message, ...retry }));
  return { code, details: problem.message, metadata };
}
