import type { Authenticator } from "@trinity/auth/authenticator";
import { mayDo } from "@trinity/auth/role";
import { type OtlpCallMetadata, type OtlpGrpcServer, startOtlpGrpc } from "@trinity/otlp/otlp-grpc";
import type { EventPipeline } from "./event-pipeline.ts";
import { isProblem } from "./ingest-problem.ts";
import { otlpProtocol } from "./otlp-protocol.ts";
import { grpcAnswerOf } from "./otlp-refusal.ts";

/** OTLP/gRPC: the same pipeline behind another transport. */
export function listenForOtlp(
  address: { readonly host: string; readonly port: number },
  ingest: EventPipeline,
  authenticator: Authenticator,
): Promise<OtlpGrpcServer> {
  return startOtlpGrpc({
    ...address,
    authorize: async (_signal, metadata) => {
      const authentication = await authenticator.authenticate(headersOf(metadata), addressOf(metadata.peer));
      if (authentication.kind === "limited")
        return { kind: "busy", message: "Too many wrong keys.", retryAfterMs: authentication.retryAfterS * 1_000 };
      if (authentication.kind === "unauthenticated") return { kind: "unauthenticated", message: "The request carries no valid API key." };
      return mayDo(authentication.caller.role, "otlp:write")
        ? undefined
        : { kind: "permission_denied", message: "The key may not send telemetry." };
    },
    handle: async (signal, body) => {
      const answer = await ingest({ bytes: body, encoding: undefined }, otlpProtocol(signal, "protobuf"));
      return isProblem(answer) ? grpcAnswerOf(answer) : { kind: "ok", partialSuccess: answer };
    },
  });
}

function headersOf({ authorization, apiKey }: OtlpCallMetadata) {
  return { authorization, "x-api-key": apiKey };
}

function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(":"));
}
