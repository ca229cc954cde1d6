import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { failedConditions, isConditionFailure, isMissingTable, verdictOf } from "./dynamo-errors.ts";

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

test("an answer of 500 or above, or a connection that hung up, may pass; one below 500 does not", () => {
  const answered = (httpStatusCode: number) => verdictOf(Object.assign(new Error("x"), { $metadata: { httpStatusCode } }));
  expect([499, 500, 503].map(answered)).toEqual(["give up", "retry", "retry"]);
  expect([verdictOf(new Error("socket hang up")), verdictOf(new Error("anything else"))]).toEqual(["retry", "give up"]);
});

test("a cancelled transaction of which no reason is known is not made again", () => {
  for (const error of [cancelled(), cancelled("None"), new TransactionCanceledException(metadata)]) {
    expect([verdictOf(error), failedConditions(error)]).toEqual(["give up", null]);
  }
});

test("a missing table, a failed condition and a cancelled transaction are told apart", () => {
  const missing = Object.assign(new Error("x"), { name: "ResourceNotFoundException" });
  const condition = new ConditionalCheckFailedException(metadata);
  const transaction = cancelled("ConditionalCheckFailed");
  const all = [missing, condition, transaction];
  expect(all.map(isMissingTable)).toEqual([true, false, false]);
  expect(all.map(isConditionFailure)).toEqual([false, true, false]);
  expect(all.map(failedConditions)).toEqual([null, null, [0]]);
  // A reason alone makes no cancelled transaction.
  expect(failedConditions({ CancellationReasons: [{ Code: "ConditionalCheckFailed" }] })).toBeNull();
});
