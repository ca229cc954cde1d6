import {
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { describe, expect, test } from "vitest";
import { exportResponseJson, exportResponseProtobuf, fullSuccess, rpcStatusJson, rpcStatusProtobuf } from "./otlp-response.ts";

const partial = { rejectedCount: 300, errorMessage: "bad_trace_id: no" };

describe("OpenTelemetry's own decoders read the answer", () => {
  test("partial success of each signal, in protobuf", () => {
    const answer = exportResponseProtobuf(partial);
    const errorMessage = partial.errorMessage;
    expect(ProtobufTraceSerializer.deserializeResponse(answer).partialSuccess).toMatchObject({ rejectedSpans: 300, errorMessage });
    expect(ProtobufLogsSerializer.deserializeResponse(answer).partialSuccess).toMatchObject({ rejectedLogRecords: 300, errorMessage });
    expect(ProtobufMetricsSerializer.deserializeResponse(answer).partialSuccess).toMatchObject({ rejectedDataPoints: 300, errorMessage });
  });

  test("partial success in JSON, its 64-bit count as a string", () => {
    const answer = exportResponseJson("traces", partial);
    expect(answer).toEqual({ partialSuccess: { rejectedSpans: "300", errorMessage: "bad_trace_id: no" } });
    expect(JsonTraceSerializer.deserializeResponse(Buffer.from(JSON.stringify(answer)))).toEqual(answer);
    expect(exportResponseJson("logs", partial)).toMatchObject({ partialSuccess: { rejectedLogRecords: "300" } });
    expect(exportResponseJson("metrics", partial)).toMatchObject({ partialSuccess: { rejectedDataPoints: "300" } });
  });
});

test("partial_success is unset when every record was accepted", () => {
  expect(exportResponseProtobuf(fullSuccess)).toEqual(Buffer.alloc(0));
  expect(exportResponseJson("traces", fullSuccess)).toEqual({});
});

test("a warning has a message and no count", () => {
  const warning = { rejectedCount: 0, errorMessage: "2 keys" };
  expect(exportResponseJson("traces", warning)).toEqual({ partialSuccess: { errorMessage: "2 keys" } });
  expect(exportResponseProtobuf(warning).toString("hex")).toBe("0a081206" + Buffer.from("2 keys").toString("hex"));
});

test("a status that may be retried says when, in the bytes of google.rpc.Status with RetryInfo", () => {
  const status = { code: 14, message: "busy", retryAfterMs: 1_500 };
  const type = Buffer.from("type.googleapis.com/google.rpc.RetryInfo").toString("hex");
  // code 14, message "busy", details { type_url, value { retry_delay { seconds 1, nanos 500,000,000 } } }
  expect(rpcStatusProtobuf(status).toString("hex")).toBe(`080e1204627573791a36` + `0a28${type}` + `120a0a0808011080cab5ee01`);
  expect(rpcStatusJson(status)).toEqual({
    code: 14,
    message: "busy",
    details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" }],
  });
});

test("a status that is final has no details", () => {
  expect(rpcStatusProtobuf({ code: 3, message: "no" }).toString("hex")).toBe("080312026e6f");
  expect(rpcStatusJson({ code: 3, message: "no" })).toEqual({ code: 3, message: "no" });
});

test("a message of any length leaves the answer small", () => {
  expect(exportResponseProtobuf({ rejectedCount: 1, errorMessage: "x".repeat(1_000_000) }).length).toBeLessThan(1_100);
});
