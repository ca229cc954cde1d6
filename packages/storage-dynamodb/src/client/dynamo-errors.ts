import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";

// Transient errors: throttling, a conflicting transaction, or a failure inside DynamoDB.
const transient = new Set([
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

/** Codes of the operating system: no connection, or it broke before the response. */
const connection = /^(ECONN|EPIPE|ETIMEDOUT|EAI_|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|UND_ERR)/;

type Named = {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** Whether the same call may succeed later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) return isTransient(error);
  const { name = "", code = "", message = "", $metadata } = error as Named;
  if (transient.has(name) || connection.test(code) || connection.test(name) || message === "socket hang up") return true;
  return ($metadata?.httpStatusCode ?? 0) >= 500;
}

function isTransient({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  const codes = CancellationReasons.map(({ Code = "None" }) => Code).filter((code) => code !== "None");
  return codes.length > 0 && codes.every((code) => transient.has(code));
}

export function isMissingTable(error: unknown): boolean {
  return (error as Named).name === "ResourceNotFoundException";
}

export function isConditionFailure(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

/** @returns indexes of the actions of a cancelled transaction whose conditions failed; null for any other error */
export function failedConditions(error: unknown): readonly number[] | null {
  if (!(error instanceof TransactionCanceledException)) return null;
  const failed = (error.CancellationReasons ?? []).flatMap(({ Code }, index) => (Code === "ConditionalCheckFailed" ? [index] : []));
  return failed.length === 0 ? null : failed;
}
