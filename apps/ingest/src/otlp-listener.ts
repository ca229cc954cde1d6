import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import { type OtlpCall, type OtlpGrpcServer, startOtlpGrpc } from "@trinity/otlp/otlp-grpc";
import { type Admission, type Admitted, unannouncedBytes } from "./admission.ts";
import type { EventPipeline } from "./event-pipeline.ts";
import { grpcAnswerOf, grpcAnswerOfAuth } from "./otlp-problem.ts";
import { otlpProtocol } from "./otlp-protocol.ts";

/** OTLP/gRPC: the same pipeline behind another transport. */
export function listenForOtlp(
  address: { readonly host: string; readonly port: number },
  ingest: EventPipeline,
  authenticator: Authenticator,
  admission: Admission,
): Promise<OtlpGrpcServer> {
  const admittedOf = new WeakMap<OtlpCall, Admitted>();
  return startOtlpGrpc({
    ...address,
    authorize: async (_signal, call) => {
      const authorized = await authorize(authenticator, requestOf(call), "otlp:write");
      if (!authorized.ok) return grpcAnswerOfAuth(authorized.error);
      const admitted = admission.admit(authorized.value.prefix, unannouncedBytes);
      if (!admitted.ok) return grpcAnswerOf(admitted.error);
      admittedOf.set(call, admitted.value);
      call.onEnd(admitted.value.giveBack);
      return undefined;
    },
    handle: async (signal, bytes, call) => {
      const admitted = admittedOf.get(call) as Admitted;
      const answer = await ingest({ admitted, bytes, encoding: undefined }, otlpProtocol(signal, "protobuf"));
      return answer.ok ? { kind: "ok", partialSuccess: answer.value } : grpcAnswerOf(answer.error);
    },
  });
}

/** @returns the metadata of a call as the headers and the address of a request */
function requestOf({ authorization, apiKey, peer }: OtlpCall) {
  return { headers: { authorization, "x-api-key": apiKey }, ip: peer.slice(0, peer.lastIndexOf(":")) };
}
