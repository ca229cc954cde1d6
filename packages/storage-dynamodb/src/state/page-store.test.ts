import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dynamo } from "../client/dynamo.ts";
import { newTables } from "../tables-on-local.testing.ts";
import { cellPageRef } from "./cell-page.ts";
import { MemTable } from "./mem-table.ts";
import { PageStore } from "./page-store.ts";

describe.skipIf(!hasDynamoDbLocal(process.env))("pages, on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  test("a read larger than the cache returns all pages, also those that were cached", async () => {
    const dynamo = new Dynamo(await newTables(dynamoDb.endpoint));
    const pages = new PageStore(dynamo, new MemTable(1), 2);
    const refs = Array.from({ length: 5 }, (_, hour) => cellPageRef({ set: "vote", tier: "hour", bucketMs: hour * 3_600_000 }, 0));
    const at = { sequence: 0, compactedThrough: 0 };
    await pages.readMany(refs.slice(0, 1), at);
    expect(await pages.readMany(refs, at)).toEqual(refs.map(() => new Map()));
    dynamo.close();
  });
});
