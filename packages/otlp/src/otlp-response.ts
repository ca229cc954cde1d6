import type { OtlpSignal } from "./otlp-records.ts";
import { messageField, textField, varintField } from "./protobuf-writer.ts";

/** The outcome of a request: how many records were rejected, and a message to its sender. */
export type PartialSuccess = {
  readonly rejectedCount: number;
  /** May be empty. Without rejections, it is a warning. */
  readonly errorMessage: string;
};

export const fullSuccess: PartialSuccess = { rejectedCount: 0, errorMessage: "" };

const messageCharactersMax = 1_000;

const rejectedKeyOf = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
} as const satisfies Record<OtlpSignal, string>;

/**
 * `Export…ServiceResponse` in protobuf: the same for the three signals. `partial_success` must be unset when every record was accepted;
 * then the message is empty.
 */
export function exportResponseProtobuf({ rejectedCount, errorMessage }: PartialSuccess): Buffer {
  if (rejectedCount === 0 && errorMessage === "") return Buffer.alloc(0);
  return messageField(1, Buffer.concat([varintField(1, rejectedCount), textField(2, cut(errorMessage))]));
}

/** The same in OTLP/JSON, as a value to serialise. */
export function exportResponseJson(signal: OtlpSignal, { rejectedCount, errorMessage }: PartialSuccess): Readonly<Record<string, unknown>> {
  if (rejectedCount === 0 && errorMessage === "") return {};
  return {
    partialSuccess: {
      // A 64-bit integer is a string in proto3 JSON.
      ...(rejectedCount > 0 && { [rejectedKeyOf[signal]]: String(rejectedCount) }),
      ...(errorMessage !== "" && { errorMessage: cut(errorMessage) }),
    },
  };
}

/** `google.rpc.Status`: the body of every OTLP/HTTP error, and the details of an OTLP/gRPC one. `code` is a gRPC status code. */
export type RpcStatus = {
  readonly code: number;
  readonly message: string;
  /** When the same request may succeed: makes the status one that a sender may retry. */
  readonly retryAfterMs?: number;
};

const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

export function rpcStatusProtobuf({ code, message, retryAfterMs }: RpcStatus): Buffer {
  const details = retryAfterMs === undefined ? [] : [messageField(3, retryInfoAny(retryAfterMs))];
  return Buffer.concat([varintField(1, code), textField(2, cut(message)), ...details]);
}

export function rpcStatusJson({ code, message, retryAfterMs }: RpcStatus): Readonly<Record<string, unknown>> {
  const status = { code, message: cut(message) };
  return retryAfterMs === undefined ? status : { ...status, details: [{ "@type": retryInfoType, retryDelay: `${retryAfterMs / 1_000}s` }] };
}

/** `google.protobuf.Any` around `google.rpc.RetryInfo { google.protobuf.Duration retry_delay = 1 }`. */
function retryInfoAny(retryAfterMs: number): Buffer {
  const wholeMs = Math.max(0, Math.round(retryAfterMs));
  const duration = Buffer.concat([varintField(1, Math.floor(wholeMs / 1_000)), varintField(2, (wholeMs % 1_000) * 1_000_000)]);
  return Buffer.concat([textField(1, retryInfoType), messageField(2, messageField(1, duration))]);
}

function cut(message: string): string {
  return message.length <= messageCharactersMax ? message : `${message.slice(0, messageCharactersMax - 3)}...`.toWellFormed();
}
