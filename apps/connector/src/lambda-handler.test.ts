import { expect, test } from "vitest";
import { createLambdaHandler } from "./lambda-handler.ts";
import { UndeliveredError } from "./record-delivery.ts";

const context = { getRemainingTimeInMillis: () => 30_000 };
const recordOf = (table: string, number: number) => ({
  eventName: "INSERT",
  eventSourceARN: `arn:aws:dynamodb:eu-west-1:111122223333:table/${table}/stream/2026-01-01T00:00:00.000`,
  dynamodb: { SequenceNumber: `${number}` },
});

test("records go to the mapper of the table in their ARN", async () => {
  const delivered: (readonly [string, number])[] = [];
  const timeouts: number[] = [];
  const handler = createLambdaHandler({ deliver: async (tableName, records) => void delivered.push([tableName, records.length]) }, (ms) => {
    timeouts.push(ms);
    return new AbortController().signal;
  });
  const records = [recordOf("trinity-votes-dev", 1), recordOf("trinity-votes-dev", 2), recordOf("trinity-rooms-dev-v2", 3)];
  expect(await handler({ Records: records }, context)).toEqual({ batchItemFailures: [] });
  expect(await handler({}, context)).toEqual({ batchItemFailures: [] });
  expect(delivered).toEqual([
    ["trinity-votes-dev", 2],
    ["trinity-rooms-dev-v2", 1],
  ]);
  expect(timeouts[0]).toBe(29_000);
});

test("Lambda retries from the first record that was not delivered", async () => {
  const failing = { deliver: async () => Promise.reject(new UndeliveredError(1, null)) };
  const handler = createLambdaHandler(failing, () => new AbortController().signal);
  const records = [recordOf("trinity-votes-dev", 1), recordOf("trinity-votes-dev", 2)];
  expect(await handler({ Records: records }, context)).toEqual({ batchItemFailures: [{ itemIdentifier: "2" }] });
  await expect(handler({ Records: ["no record", "no record"] }, context)).rejects.toThrow(UndeliveredError);
});
