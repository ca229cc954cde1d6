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
])("%s is transient: the call is retried", (name) => {
  expect(verdictOf(Object.assign(new Error("x"), { name }))).toBe("retry");
});

test.each(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"])("a connection that ended with %s is retried", (code) => {
  expect(verdictOf(Object.assign(new Error("x"), { code }))).toBe("retry");
});

test("an invalid request is not retried", () => {
  expect(verdictOf(Object.assign(new Error("x"), { name: "ValidationException", $metadata: { httpStatusCode: 400 } }))).toBe("give up");
  expect(verdictOf(new ConditionalCheckFailedException(metadata))).toBe("give up");
});

test("a cancelled transaction is retried after conflicts and throttling; a failed condition is a result", () => {
  expect(verdictOf(cancelled("None", "TransactionConflict", "ThrottlingError"))).toBe("retry");
  expect(verdictOf(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toBe("give up");
  expect(failedConditions(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toEqual([1]);
  expect(failedConditions(cancelled("None", "TransactionConflict"))).toBeNull();
});

test("a status from 500 and a connection that hung up are retried; a status below 500 is not", () => {
  const answered = (httpStatusCode: number) => verdictOf(Object.assign(new Error("x"), { $metadata: { httpStatusCode } }));
  expect([499, 500, 503].map(answered)).toEqual(["give up", "retry", "retry"]);
  expect([verdictOf(new Error("socket hang up")), verdictOf(new Error("anything else"))]).toEqual(["retry", "give up"]);
});

test("a cancelled transaction without reasons is not retried", () => {
  for (const error of [cancelled(), cancelled("None"), new TransactionCanceledException(metadata)]) {
    expect([verdictOf(error), failedConditions(error)]).toEqual(["give up", null]);
  }
});

test("a missing table, a failed condition and a cancelled transaction are distinguished", () => {
  const missing = Object.assign(new Error("x"), { name: "ResourceNotFoundException" });
  const condition = new ConditionalCheckFailedException(metadata);
  const transaction = cancelled("ConditionalCheckFailed");
  const all = [missing, condition, transaction];
  expect(all.map(isMissingTable)).toEqual([true, false, false]);
  expect(all.map(isConditionFailure)).toEqual([false, true, false]);
  expect(all.map(failedConditions)).toEqual([null, null, [0]]);
  // An object with reasons is not a cancelled transaction.
  expect(failedConditions({ CancellationReasons: [{ Code: "ConditionalCheckFailed" }] })).toBeNull();
});
