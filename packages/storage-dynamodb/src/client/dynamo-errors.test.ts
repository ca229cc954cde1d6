import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { failedConditions, isConditionFailure, isMissingTable, mayPass } from "./dynamo-errors.ts";

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
  expect(mayPass(Object.assign(new Error("x"), { name }))).toBe(true);
});

test.each(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"])("a connection that ended with %s is retried", (code) => {
  expect(mayPass(Object.assign(new Error("x"), { code }))).toBe(true);
});

test("an invalid request is not retried", () => {
  expect(mayPass(Object.assign(new Error("x"), { name: "ValidationException", $metadata: { httpStatusCode: 400 } }))).toBe(false);
  expect(mayPass(new ConditionalCheckFailedException(metadata))).toBe(false);
});

test("a cancelled transaction is retried after conflicts and throttling; a failed condition is a result", () => {
  expect(mayPass(cancelled("None", "TransactionConflict", "ThrottlingError"))).toBe(true);
  expect(mayPass(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toBe(false);
  expect(failedConditions(cancelled("None", "ConditionalCheckFailed", "TransactionConflict"))).toEqual([1]);
  expect(failedConditions(cancelled("None", "TransactionConflict"))).toBeNull();
});

test("a status from 500 and a connection that hung up are retried; a status below 500 is not", () => {
  const answered = (httpStatusCode: number) => mayPass(Object.assign(new Error("x"), { $metadata: { httpStatusCode } }));
  expect([499, 500, 503].map(answered)).toEqual([false, true, true]);
  expect([mayPass(new Error("socket hang up")), mayPass(new Error("anything else"))]).toEqual([true, false]);
});

test("a cancelled transaction without reasons is not retried", () => {
  for (const error of [cancelled(), cancelled("None"), new TransactionCanceledException(metadata)]) {
    expect([mayPass(error), failedConditions(error)]).toEqual([false, null]);
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
