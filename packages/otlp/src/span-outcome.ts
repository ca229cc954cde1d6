import type { OtlpSpan } from "./otlp-records.ts";

export type SpanOutcome = {
  readonly statusClass: "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "ok" | "error" | "unset";
  readonly failed: boolean;
};

const httpClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** gRPC status codes by number, as in `rpc.grpc.status_code`. */
const grpcCodes = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];
/** Codes that are the server's own fault; a caller's mistake is no failure of the server. */
const serverFaults: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/**
 * How a span ended, by the semantic conventions for HTTP and gRPC spans: 5xx always fails; 4xx fails the caller but not the server
 * that answered it; a span with the status ERROR always fails.
 */
export function outcomeOf(span: OtlpSpan): SpanOutcome {
  return httpOutcome(span) ?? grpcOutcome(span) ?? { statusClass: span.status, failed: span.status === "error" };
}

function httpOutcome(span: OtlpSpan): SpanOutcome | undefined {
  const code = Number(span.attributes["http.response.status_code"]);
  const statusClass = Number.isInteger(code) ? httpClasses[Math.floor(code / 100) - 1] : undefined;
  if (statusClass === undefined) return undefined;
  const callerFailed = code >= 400 && span.kind === "client";
  return { statusClass, failed: code >= 500 || callerFailed || span.status === "error" };
}

function grpcOutcome(span: OtlpSpan): SpanOutcome | undefined {
  const given = span.attributes["rpc.status_code"];
  const code = typeof given === "number" ? grpcCodes[given] : given;
  if (typeof code !== "string" || !grpcCodes.includes(code)) return undefined;
  const codeFails = span.kind === "server" ? serverFaults.has(code) : code !== "OK";
  return { statusClass: code === "OK" ? "ok" : "error", failed: codeFails || span.status === "error" };
}
