import { ruleOfIssue } from "@trinity/events/schema-rule";
import type { InputError } from "@trinity/http/problem";
import type { ProblemSlug } from "@trinity/http/problem-type";
import { type Failed, failed, type Result } from "@trinity/runtime/result";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";
import { BusyError } from "./log-reader/busy-error.ts";

/** Why a call has no answer, in the terms of problem details: one value for tRPC and for REST. */
export type ApiProblem = {
  readonly slug: ProblemSlug;
  readonly detail?: string;
  readonly errors?: readonly InputError[];
  readonly retryAfterS?: number;
};

type TrpcCode = TRPCError["code"];

/** Whichever code tRPC itself throws has its kind of problem here. */
const slugOfCode: Readonly<Record<TrpcCode, ProblemSlug>> = {
  PARSE_ERROR: "malformed-request",
  BAD_REQUEST: "malformed-request",
  UNAUTHORIZED: "unauthenticated",
  PAYMENT_REQUIRED: "forbidden",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not-found",
  METHOD_NOT_SUPPORTED: "method-not-allowed",
  TIMEOUT: "unavailable",
  CONFLICT: "conflict",
  PRECONDITION_FAILED: "conflict",
  PRECONDITION_REQUIRED: "conflict",
  PAYLOAD_TOO_LARGE: "too-large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
  UNPROCESSABLE_CONTENT: "unprocessable",
  TOO_MANY_REQUESTS: "too-many-requests",
  CLIENT_CLOSED_REQUEST: "malformed-request",
  INTERNAL_SERVER_ERROR: "internal",
  NOT_IMPLEMENTED: "internal",
  BAD_GATEWAY: "unavailable",
  SERVICE_UNAVAILABLE: "unavailable",
  GATEWAY_TIMEOUT: "unavailable",
};

export const codeOfSlug: Readonly<Record<ProblemSlug, TrpcCode>> = {
  "malformed-request": "BAD_REQUEST",
  "invalid-input": "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  "not-found": "NOT_FOUND",
  "method-not-allowed": "METHOD_NOT_SUPPORTED",
  "request-timeout": "TIMEOUT",
  conflict: "CONFLICT",
  gone: "NOT_FOUND",
  "too-large": "PAYLOAD_TOO_LARGE",
  "uri-too-long": "BAD_REQUEST",
  "unsupported-media-type": "UNSUPPORTED_MEDIA_TYPE",
  "expectation-failed": "BAD_REQUEST",
  unprocessable: "UNPROCESSABLE_CONTENT",
  "too-many-requests": "TOO_MANY_REQUESTS",
  "headers-too-large": "BAD_REQUEST",
  internal: "INTERNAL_SERVER_ERROR",
  unavailable: "SERVICE_UNAVAILABLE",
};

/** Carries a problem through tRPC, which only knows errors. */
class ApiProblemError extends Error {
  override readonly name = "Refused";
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem) {
    super(problem.slug);
    this.problem = problem;
  }
}

/** @returns what a procedure throws */
export function apiError(problem: ApiProblem): TRPCError {
  return new TRPCError({ code: codeOfSlug[problem.slug], message: problem.slug, cause: new ApiProblemError(problem) });
}

/**
 * @returns what was parsed
 * @throws {TRPCError} with the problem where parsing failed
 */
export function parsed<Value>(result: Result<Value, ApiProblem>): Value {
  if (!result.ok) throw apiError(result.error);
  return result.value;
}

/** @returns the failure of an input with one wrong part */
export function invalidInput(...errors: readonly InputError[]): Failed<ApiProblem> {
  return failed({ slug: "invalid-input", errors });
}

/** @returns what a thrown value means to the caller; `internal` for a fault of ours */
export function apiProblemOf(thrown: unknown): ApiProblem {
  if (!(thrown instanceof TRPCError)) return problemOfCause(thrown) ?? { slug: "internal" };
  const detail = detailOfCode[thrown.code];
  return problemOfCause(thrown.cause) ?? { slug: slugOfCode[thrown.code], ...(detail === undefined ? {} : { detail }) };
}

const notOfProtocol = "`input` must be JSON; that of a batch an object with one property a call, named by its place from 0.";

/** Problems that tRPC finds by itself, in words that say what to send: its own messages repeat what was sent. */
const detailOfCode: Partial<Record<TrpcCode, string>> = {
  BAD_REQUEST: notOfProtocol,
  PARSE_ERROR: notOfProtocol,
  NOT_FOUND: "There is no procedure of this name.",
  METHOD_NOT_SUPPORTED: "Send a query by GET or POST, a mutation by POST, a subscription by GET.",
  UNSUPPORTED_MEDIA_TYPE: "Send the input as application/json.",
};

function problemOfCause(cause: unknown): ApiProblem | null {
  if (cause instanceof ApiProblemError) return cause.problem;
  if (cause instanceof ZodError) return { slug: "invalid-input", errors: cause.issues.flatMap(inputErrorsOf) };
  if (cause instanceof BusyError) return { slug: "unavailable", detail: cause.message, retryAfterS: cause.retryAfterS };
  if (cause instanceof StoreUnavailableError) return { slug: "unavailable", retryAfterS: 1 };
  if (cause instanceof DamagedDataError) return { slug: "unavailable", detail: cause.reason, retryAfterS: damagedRetryAfterS };
  return null;
}

/** Damage is repaired in minutes, by verification or by an operator, not in a second. */
const damagedRetryAfterS = 60;

/** In words that say what to send; those of the schema library do not, and the one of unknown keys repeats what was sent. */
function inputErrorsOf(issue: ZodError["issues"][number]): readonly InputError[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: ruleOfIssue(issue) }];
  return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "is not known here" }));
}
