import { expect, test } from "vitest";
import { readStreamRecord } from "./stream-record.ts";

const withTime = (ApproximateCreationDateTime: unknown) =>
  readStreamRecord({ eventName: "INSERT", dynamodb: { ApproximateCreationDateTime, Keys: { id: { S: "1" } } } });

test("the time of a record is a date of the SDK, or the seconds of Lambda", () => {
  const times = [
    new Date(1_769_891_882_000),
    1_769_891_882,
    1_769_891_882.5,
    1_769_891_882_000,
    "2026-01-31T20:38:02Z",
    Number.NaN,
    undefined,
  ];
  expect(times.map((time) => withTime(time)?.atMs)).toEqual([
    1_769_891_882_000,
    1_769_891_882_000,
    1_769_891_882_500,
    1_769_891_882_000,
    1_769_891_882_000,
    null,
    null,
  ]);
});

test("a removed row has its last attributes and its keys", () => {
  const record = readStreamRecord({ eventName: "REMOVE", dynamodb: { Keys: { id: { S: "1" } }, OldImage: { a: { S: "b" } } } });
  expect(Object.fromEntries(record?.row ?? [])).toEqual({ id: "1", a: "b" });
});

test("DynamoDB's own removals are recognised in both spellings", () => {
  const spelt = (userIdentity: unknown) => readStreamRecord({ eventName: "REMOVE", dynamodb: {}, userIdentity })?.byTimeToLive;
  expect(
    [{ principalId: "dynamodb.amazonaws.com" }, { PrincipalId: "dynamodb.amazonaws.com" }, { principalId: "x" }, null].map(spelt),
  ).toEqual([true, true, false, false]);
});
