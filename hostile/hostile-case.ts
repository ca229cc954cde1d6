import type { HostileContext } from "./hostile-context.ts";

/** One HTTP answer, of any client. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Of a request by HEAD, whose answer has no body. */
  readonly headOnly?: true;
};

/** How a call over gRPC ended. `status` is null when the stream or its connection was cut without one. */
export type GrpcEnd = { readonly status: number | null; readonly message: string; readonly details: Buffer; readonly response: Buffer };

/** The result of one hostile act, as an outside client sees it. */
export type Observation = {
  readonly answers: readonly Answer[];
  /** Whether the server ended the connection; undefined if that was not observed. */
  readonly closed?: boolean;
  readonly grpc?: GrpcEnd;
  /** The encoding of an OTLP request, in which its refusal must come; undefined for everything else. */
  readonly otlp?: "protobuf" | "json";
  /** Events or OTLP records in the request, of which an answer of success must account for each; undefined where the bytes do not tell. */
  readonly records?: number;
  /** Ids that must be stored when the answer was a success and did not name them as rejected. */
  readonly storedIds?: readonly string[];
  /** Ids that must stay unknown after any answer. */
  readonly unknownIds?: readonly string[];
};

/** @returns what is wrong with an observation; nothing when it is of the expected class */
export type Expectation = (seen: Observation) => readonly string[];

/** One hostile act, and the class of answer it must get. */
export type HostileCase = {
  /** The row of the threat model that it belongs to. */
  readonly row: string;
  readonly name: string;
  readonly send: (context: HostileContext) => Promise<Observation>;
  readonly expect: Expectation;
  /** All answers must have come by then. */
  readonly deadlineMs?: number;
};
