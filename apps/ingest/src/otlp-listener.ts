import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import { type OtlpCallMetadata, type OtlpGrpcServer, startOtlpGrpc } from "@trinity/otlp/otlp-grpc";
import type { EventPipeline } from "./event-pipeline.ts";
import { grpcAnswerOf, grpcAnswerOfAuth } from "./otlp-problem.ts";
import { otlpProtocol } from "./otlp-protocol.ts";

/** OTLP/gRPC: the same pipeline behind another transport. */
export function listenForOtlp(
  address: { readonly host: string; readonly port: number },
  ingest: EventPipeline,
  authenticator: Authenticator,
): Promise<OtlpGrpcServer> {
  return startOtlpGrpc({
    ...address,
    authorize: async (_signal, metadata) => {
      const authorized = await authorize(authenticator, requestOf(metadata), "otlp:write");
      return authorized.ok ? undefined : grpcAnswerOfAuth(authorized.error);
    },
    handle: async (signal, body) => {
      const answer = await ingest({ bytes: body, encoding: undefined }, otlpProtocol(signal, "protobuf"));
      return answer.ok ? { kind: "ok", partialSuccess: answer.value } : grpcAnswerOf(answer.error);
    },
  });
}

/** @returns the metadata of a call as the headers and the address of a request */
function requestOf({ authorization, apiKey, peer }: OtlpCallMetadata) {
  return { headers: { authorization, "x-api-key": apiKey }, ip: peer.slice(0, peer.lastIndexOf(":")) };
}
