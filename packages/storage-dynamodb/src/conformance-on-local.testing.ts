import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { noFaults } from "@trinity/dynamodb-local/fault-choice";
import { type FaultProxy, startFaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { storeHistoryConformance } from "@trinity/verification/store-history.conformance";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { dynamoFaults } from "./dynamo-faults.testing.ts";
import type { Layout } from "./layout.ts";
import { newTables } from "./tables-on-local.testing.ts";

/**
 * The conformance suite of `EventStore` on a DynamoDB Local of its own, behind a proxy that injects faults.
 * @param fails whether each call inside each method is also made to fail, which takes minutes
 */
export function conformanceOnLocal(adapterName: string, layout: Layout, { fails }: { readonly fails: boolean }): void {
  // Some tests run once for every call that a method makes, each time in new tables.
  vi.setConfig({ testTimeout: 180_000 });

  describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
    let dynamoDb: DynamoDbLocal;
    let lastProxy: FaultProxy;
    beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
    afterAll(() => dynamoDb.stop());

    async function open() {
      // A proxy for each store, so that a fault cannot hit requests of an earlier store.
      const proxy = await startFaultProxy({ target: dynamoDb.endpoint, seed: 1, rates: noFaults });
      lastProxy = proxy;
      const tables = await newTables(proxy.endpoint);
      const openStore = (): EventStore => openDynamoStore({ ...tables, layout });
      let store = openStore();
      return {
        store,
        reopen: async () => {
          await store.close();
          return (store = openStore());
        },
        dispose: async () => {
          await store.close();
          await proxy.stop();
        },
      };
    }

    const failures = { faults: dynamoFaults(() => lastProxy), openReference: openMemoryStore };
    eventStoreConformance(adapterName, open, fails ? failures : undefined);
    storeHistoryConformance(adapterName, open);
  });
}
