import { eventsOfRecords } from "@trinity/otlp/otlp-events";
import { decodeOtlpJson } from "@trinity/otlp/otlp-json";
import { decodeOtlpProtobuf } from "@trinity/otlp/otlp-protobuf";
import type { OtlpBatch, OtlpSignal } from "@trinity/otlp/otlp-records";
import type { PartialSuccess } from "@trinity/otlp/otlp-response";
import { type RejectionCode, rejectionMessages } from "@trinity/otlp/rejection";
import { failed, ok, type Result } from "@trinity/runtime/result";
import type { Protocol } from "./event-pipeline.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { parseJsonBody } from "./json-body.ts";
import type { Decoded, Outcome, Rejected } from "./outcome.ts";

export type OtlpEncoding = "protobuf" | "json";

/** Sixteen levels of attribute values, each of several brackets, inside resource, scope and record. */
const otlpDepthMax = 128;

export const otlpBodyBytesMax = 20 * 1024 * 1024;

/** One OTLP export request: its records become events of the catalogue, and its sender learns how many were not taken. */
export function otlpProtocol(signal: OtlpSignal, encoding: OtlpEncoding): Protocol<PartialSuccess> {
  return {
    bodyBytesMax: otlpBodyBytesMax,
    decode: (bytes) => (encoding === "protobuf" ? decodedOf(signal, decodeOtlpProtobuf(signal, bytes)) : decodeJsonBody(signal, bytes)),
    acknowledge: partialSuccessOf,
  };
}

function decodeJsonBody(signal: OtlpSignal, bytes: Buffer): Result<Decoded, IngestProblem> {
  const body = parseJsonBody(bytes, otlpDepthMax);
  return body.ok ? decodedOf(signal, decodeOtlpJson(signal, body.value)) : body;
}

function decodedOf<Signal extends OtlpSignal>(
  signal: Signal,
  decoded: ReturnType<typeof decodeOtlpProtobuf<Signal>>,
): Result<Decoded, IngestProblem> {
  if (!decoded.ok) {
    const { kind, detail } = decoded.error;
    return failed({ kind: kind === "malformed" ? "malformed_body" : "too_large", permanent: true, detail });
  }
  const batch = decoded.value;
  return ok({
    candidates: eventsOfRecords(signal, batch.records).map((value, index) => ({ index, value })),
    unreadable: unreadableOf(batch),
    ...(batch.ignoredKeys === 0
      ? {}
      : { warning: `${batch.ignoredKeys} JSON keys are unknown to OTLP and were ignored; its keys are in lowerCamelCase` }),
  });
}

// A record that could not be read has no place among the events: the ingest counts only need their number and reasons.
function unreadableOf({ rejections }: OtlpBatch<OtlpSignal>): readonly Rejected[] {
  return Object.entries(rejections.byCode).flatMap(([code, count]) =>
    Array.from({ length: count }, () => ({
      index: -1,
      source: "otel",
      rejection: { code, eventId: null, path: "", message: rejectionMessages[code as RejectionCode] },
    })),
  );
}

/** Accepted and repeated records are taken; the answer names the first reason of the others. */
function partialSuccessOf({ rejected, warning }: Outcome): PartialSuccess {
  const [first] = rejected;
  const reason =
    first === undefined ? [] : [`${first.rejection.code}: ${[first.rejection.path, first.rejection.message].join(" ").trim()}`];
  return { rejectedCount: rejected.length, errorMessage: [...reason, ...(warning === undefined ? [] : [warning])].join("; ") };
}
