import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { failedConditions, verdictOf } from "./dynamo-errors.ts";

const metadata = { $metadata: {}, message: "" };

function cancelled(...codes: readonly string[]) {
  return new TransactionCanceledException({ ...metadata, CancellationReasons: codes.map((Code) => ({ Code })) });
}

test.each([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TransactionConflictException",
  "InternalServerError",
  "TimeoutError",
])("%s may pass: the call is made again", (name) => {
  expect(verdictOf(Object.assign(new Error("x"), { name }))).toBe("retry");
});

test.each(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"])("so may a connection that ended with %s", (code) => {
  expect(verdictOf(Object.assign(new Error("x"), { code }))).toBe("retry");
});

test("a request that is wrong stays wrong", () => {
  expect(verdictOf(Object.assign(new Error("x"), { name: "ValidationException", $metadata: { httpStatusCode: 400 } }))).toBe("give up");
  expect(verdictOf(new ConditionalCheckFailedException(metadata))).toBe("give up");
});

test("a cancelled transaction is made again when only others stood in its way; a failed condition is an answer", () => {
  expect(verdictOf(cancelled("None", "TransactionConflict", "ThrottlingError"))).toBe("retry");
  expect(verdictOf(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toBe("give up");
  expect(failedConditions(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toEqual([1]);
  expect(failedConditions(cancelled("None", "TransactionConflict"))).toBeNull();
});
