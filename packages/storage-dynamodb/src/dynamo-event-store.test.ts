import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { afterAll, beforeAll, describe } from "vitest";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { type Layout, standardLayout } from "./layout.ts";
import { newTables } from "./tables-on-local.testing.ts";

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  function openerOf(layout: Layout) {
    return async () => {
      const tables = await newTables(dynamoDb.endpoint);
      const open = (): EventStore => openDynamoStore({ ...tables, layout });
      let store = open();
      return {
        store,
        reopen: async () => {
          await store.close();
          return (store = open());
        },
        dispose: () => store.close(),
      };
    };
  }

  eventStoreConformance("the store on DynamoDB", openerOf(standardLayout));
  eventStoreConformance(
    "the store on DynamoDB, put into pages and indexed at every step",
    openerOf({ blockChunks: 2, compactSteps: 1, entityShards: 2 }),
  );
});
