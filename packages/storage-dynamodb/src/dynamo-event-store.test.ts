import type { EventStore } from "@trinity/storage/event-store";
import { eventStoreConformance } from "@trinity/storage/event-store.conformance";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { type Layout, standardLayout } from "./layout.ts";
import { newTables } from "./tables-on-local.testing.ts";

const endpoint = process.env.DYNAMODB_ENDPOINT as string;

function openerOf(layout: Layout) {
  return async () => {
    const tables = await newTables(endpoint);
    const open = (): EventStore => openDynamoStore(tables, layout);
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
eventStoreConformance("the store on DynamoDB, put into pages and indexed at every step", openerOf({ blockChunks: 2, compactSteps: 1, entityShards: 2 }));
