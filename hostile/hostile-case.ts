import type { HostileContext } from "./hostile-context.ts";

/** One HTTP answer, of any client. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The answer to a HEAD request, which has no body. */
  readonly headOnly?: true;
};

/** How a call over gRPC ended. `status` is null if the stream or its connection was closed without one. */
export type GrpcEnd = { readonly status: number | null; readonly message: string; readonly details: Buffer; readonly response: Buffer };

/** The result of one case, as an outside client sees it. */
export type Observation = {
  readonly answers: readonly Answer[];
  /** Whether the server ended the connection; undefined if that was not observed. */
  readonly closed?: boolean;
  readonly grpc?: GrpcEnd;
  /** The encoding of an OTLP request, which errors must have as well; undefined for other requests. */
  readonly otlp?: "protobuf" | "json";
  /** The number of events or OTLP records in the request, which a successful answer must account for; undefined if unknown. */
  readonly records?: number;
  /** Ids that must be stored if the answer is successful and does not list them as rejected. */
  readonly storedIds?: readonly string[];
  /** Ids that must stay unknown after any answer. */
  readonly unknownIds?: readonly string[];
};

/** @returns the problems of an observation; none if it is as expected */
export type Expectation = (seen: Observation) => readonly string[];

/** One hostile request and its expected answer. */
export type HostileCase = {
  /** The row of the threat model that it belongs to. */
  readonly row: string;
  readonly name: string;
  readonly send: (context: HostileContext) => Promise<Observation>;
  readonly expect: Expectation;
  /** The time within which all answers must arrive. */
  readonly deadlineMs?: number;
};
