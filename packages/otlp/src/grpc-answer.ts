import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { type PartialSuccess, rpcStatusProtobuf } from "./otlp-response.ts";

/** How a call of `Export` ends. The sender may try again after `busy` and `unavailable` only; everything else is final. */
export type OtlpAnswer =
  | { readonly kind: "ok"; readonly partialSuccess: PartialSuccess }
  | { readonly kind: "unauthenticated" | "permission_denied" | "invalid_argument" | "too_large"; readonly message: string }
  | { readonly kind: "busy" | "unavailable"; readonly message: string; readonly retryAfterMs: number };

export type OtlpRefusal = Exclude<OtlpAnswer, { readonly kind: "ok" }>;

/** `too_large` and `busy` share a code: only RetryInfo tells a sender whether the same request may ever be taken. */
const codeOf = {
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  invalid_argument: status.INVALID_ARGUMENT,
  too_large: status.RESOURCE_EXHAUSTED,
  busy: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
} satisfies Record<OtlpRefusal["kind"], status>;

/** The refusal as gRPC sends it, its details in the trailer that all gRPC libraries read. */
export function grpcStatusOf(refusal: OtlpRefusal): StatusObject {
  const code = codeOf[refusal.kind];
  const retry = refusal.kind === "busy" || refusal.kind === "unavailable" ? { retryAfterMs: refusal.retryAfterMs } : {};
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", rpcStatusProtobuf({ code, message: refusal.message, ...retry }));
  return { code, details: refusal.message, metadata };
}
