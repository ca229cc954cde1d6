import { type ServiceError, status } from "@grpc/grpc-js";

/** Codes after which the OTLP specification always lets a sender retry. */
const retryable: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

const retryInfo = "type.googleapis.com/google.rpc.RetryInfo";

/** Interprets a failed OTLP/gRPC call by the specification (https://opentelemetry.io/docs/specs/otlp/#failures). */
export type GrpcVerdict = { readonly code: string; readonly mayRetry: boolean; readonly hasRetryInfo: boolean };

export function verdictOf(error: ServiceError): GrpcVerdict {
  const details = error.metadata.get("grpc-status-details-bin").map(String);
  const hasRetryInfo = details.some((detail) => detail.includes(retryInfo));
  const mayRetry = retryable.has(error.code) || (error.code === status.RESOURCE_EXHAUSTED && hasRetryInfo);
  return { code: status[error.code], mayRetry, hasRetryInfo };
}
