import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { noFaults } from "@trinity/dynamodb-local/fault-choice";
import { type FaultProxy, startFaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { dynamoFaults } from "./dynamo-faults.testing.ts";
import { type Layout, standardLayout } from "./layout.ts";
import { newTables } from "./tables-on-local.testing.ts";

// Some promises are tested once for every call that a method makes, each time in new tables.
vi.setConfig({ testTimeout: 180_000 });

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  let lastProxy: FaultProxy;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  function openerOf(layout: Layout) {
    return async () => {
      // Of its own, so that a fault befalls no request that a store before still has to make.
      const proxy = await startFaultProxy({ target: dynamoDb.endpoint, seed: 1, rates: noFaults });
      lastProxy = proxy;
      const tables = await newTables(proxy.endpoint);
      const open = (): EventStore => openDynamoStore({ ...tables, layout });
      let store = open();
      return {
        store,
        reopen: async () => {
          await store.close();
          return (store = open());
        },
        dispose: async () => {
          await store.close();
          await proxy.stop();
        },
      };
    };
  }

  const faults = dynamoFaults(() => lastProxy);
  eventStoreConformance("the store on DynamoDB", openerOf(standardLayout), faults);
  eventStoreConformance(
    "the store on DynamoDB, put into pages and indexed at every step",
    openerOf({ blockChunks: 2, compactSteps: 1, compactBytes: 1_000_000, entityShards: 2 }),
    faults,
  );
});
