import type { Answer, Observation } from "./hostile-case.ts";
import { partialSuccessOf } from "./otlp-answer.ts";

/** The outcome of the events of a request, as its answer reports it. */
export type Acknowledgement = {
  readonly rejected: number;
  /** Ids of rejected events that had one. */
  readonly rejectedIds: readonly string[];
  readonly rejectedCodes: readonly string[];
  /** An OTLP answer does not distinguish accepted and repeated records: null. */
  readonly accepted: number | null;
  readonly duplicates: number | null;
  readonly message: string;
};

type JsonAcknowledgement = { accepted: number; duplicates: number; rejected: { eventId: string | null; code: string }[] };
type OtlpJsonResponse = { partialSuccess?: Record<string, string> };

/** @returns one for each successful answer */
export function acknowledgementsOf({ answers, grpc, otlp }: Observation): readonly Acknowledgement[] {
  const overHttp = answers.filter(({ status }) => status === 200 || status === 202).map((answer) => acknowledgementOf(answer, otlp));
  if (grpc?.status !== 0) return overHttp;
  return [...overHttp, ofOtlp(partialSuccessOf(grpc.response))];
}

function acknowledgementOf({ body }: Answer, otlp: Observation["otlp"]): Acknowledgement {
  if (otlp === "protobuf") return ofOtlp(partialSuccessOf(body));
  const json = JSON.parse(body.toString()) as JsonAcknowledgement & OtlpJsonResponse;
  if (otlp === "json") {
    const { errorMessage = "", ...counts } = json.partialSuccess ?? {};
    return ofOtlp({ rejected: Number(Object.values(counts)[0] ?? 0), message: errorMessage });
  }
  return {
    accepted: json.accepted,
    duplicates: json.duplicates,
    rejected: json.rejected.length,
    rejectedIds: json.rejected.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])),
    rejectedCodes: json.rejected.map(({ code }) => code),
    message: "",
  };
}

function ofOtlp({ rejected, message }: { readonly rejected: number; readonly message: string }): Acknowledgement {
  const code = /^[a-z_]+(?=:)/.exec(message)?.[0];
  return { accepted: null, duplicates: null, rejected, rejectedIds: [], rejectedCodes: code === undefined ? [] : [code], message };
}
