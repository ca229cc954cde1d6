import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { leaseStoreConformance } from "@trinity/storage/lease-store.conformance";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openDynamoLeaseStore } from "./dynamo-lease-store.ts";
import { startLateNetwork } from "./late-network.testing.ts";
import { newTables } from "./tables-on-local.testing.ts";

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  leaseStoreConformance("the lease store on DynamoDB", async () => {
    const tables = await newTables(dynamoDb.endpoint);
    const opened: LeaseStore[] = [];
    const open = () => {
      const store = openDynamoLeaseStore(tables);
      opened.push(store);
      return store;
    };
    return {
      store: open(),
      openSecond: async () => open(),
      dispose: async () => void (await Promise.all(opened.map((store) => store.close()))),
    };
  });

  test("a delayed repeated write of a record does not replace a newer one", async () => {
    const tables = await newTables(dynamoDb.endpoint);
    const network = await startLateNetwork(dynamoDb.endpoint);
    const store = openDynamoLeaseStore({ ...tables, endpoint: network.url });
    onTestFinished(async () => {
      await store.close();
      await network.close();
    });
    const lease = await store.acquire("alerts", "ana", 1_000, 0);
    if (lease === null) throw new TypeError("the lease was free");
    expect(await store.writeRecord(lease, "sent", "1")).toBe("written");
    network.loseNextAnswer();
    expect(await store.writeRecord(lease, "sent", "2")).toBe("written");
    await network.deliverAgain();
    expect(await store.readRecord("sent")).toBe("2");
  });
});
