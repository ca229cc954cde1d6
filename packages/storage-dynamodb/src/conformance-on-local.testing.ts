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

/** A history takes two seconds here. Both layouts together make 70; `npm run histories` makes 300 of each, and every kind of fault at any write. */
const givenRuns = process.env["HISTORY_RUNS"];
const historyRuns = Number(givenRuns ?? 35);

/**
 * The conformance suite of `EventStore` on a DynamoDB Local of its own.
 * @param fails whether each call inside each method is also made to fail, by a proxy, which takes minutes
 */
export function conformanceOnLocal(adapterName: string, layout: Layout, { fails }: { readonly fails: boolean }): void {
  // Some tests run once for every call that a method makes, each time in new tables.
  vi.setConfig({ testTimeout: 180_000 });

  describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
    let dynamoDb: DynamoDbLocal;
    let lastProxy: FaultProxy;
    beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
    afterAll(() => dynamoDb.stop());

    async function openAt(endpoint: string) {
      const tables = await newTables(endpoint);
      const openStore = (): EventStore => openDynamoStore({ ...tables, layout });
      let store = openStore();
      return {
        store,
        reopen: async () => {
          await store.close();
          return (store = openStore());
        },
        dispose: () => store.close(),
      };
    }
    const open = () => openAt(dynamoDb.endpoint);

    async function openBehindProxy() {
      // A proxy for each store, so that a fault cannot hit requests of an earlier store.
      const proxy = await startFaultProxy({ target: dynamoDb.endpoint, seed: 1, rates: noFaults });
      lastProxy = proxy;
      const opened = await openAt(proxy.endpoint);
      return { ...opened, dispose: () => opened.dispose().finally(proxy.stop) };
    }

    const kinds = dynamoFaults(() => lastProxy);
    // All kinds take minutes and seldom fail. A lost answer is the hardest: the call has its effect, and is made again.
    const faults = givenRuns === undefined ? kinds.slice(-1) : kinds;
    const failures = { faults, inVerification: givenRuns !== undefined, open: openBehindProxy, openReference: openMemoryStore };
    eventStoreConformance(adapterName, open, fails ? failures : undefined);
    storeHistoryConformance(adapterName, open, historyRuns);
  });
}
