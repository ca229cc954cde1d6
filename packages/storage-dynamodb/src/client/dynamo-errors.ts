import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { Verdict } from "./retry.ts";

// What DynamoDB says of a moment, not of the request: it is busy with us, with another transaction on the same item, or with itself.
const passing = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "ThrottlingError",
  "RequestLimitExceeded",
  "LimitExceededException",
  "TransactionConflictException",
  "TransactionConflict",
  "TransactionInProgressException",
  "ProvisionedThroughputExceeded",
  "InternalServerError",
  "InternalFailure",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "AbortError",
]);

/** Codes of the operating system: the connection was not made, or broke before the answer came. */
const connection = /^(ECONN|EPIPE|ETIMEDOUT|EAI_|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|UND_ERR)/;

type Named = {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** Whether the same call may succeed later. A table that is not there yet may be: somebody is creating it. */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof TransactionCanceledException) return isOnlyPassing(error) ? "retry" : "give up";
  const { name = "", code = "", message = "", $metadata } = error as Named;
  if (passing.has(name) || connection.test(code) || connection.test(name) || message === "socket hang up") return "retry";
  return ($metadata?.httpStatusCode ?? 0) >= 500 ? "retry" : "give up";
}

function isOnlyPassing({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  const codes = CancellationReasons.map(({ Code = "None" }) => Code).filter((code) => code !== "None");
  return codes.length > 0 && codes.every((code) => passing.has(code));
}

export function isMissingTable(error: unknown): boolean {
  return (error as Named).name === "ResourceNotFoundException";
}

export function isConditionFailure(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

/** @returns which actions of a cancelled transaction failed their conditions; null for any other error */
export function failedConditions(error: unknown): readonly number[] | null {
  if (!(error instanceof TransactionCanceledException)) return null;
  const failed = (error.CancellationReasons ?? []).flatMap(({ Code }, index) => (Code === "ConditionalCheckFailed" ? [index] : []));
  return failed.length === 0 ? null : failed;
}
