import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { KeyStore, StoredApiKey } from "@trinity/storage/key-store";
import { keyStoreConformance } from "@trinity/storage/key-store.conformance";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openDynamoKeyStore } from "./dynamo-key-store.ts";
import { startLateNetwork } from "./late-network.testing.ts";
import { newTables } from "./tables-on-local.testing.ts";

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  keyStoreConformance("the key store on DynamoDB", async () => {
    const tables = await newTables(dynamoDb.endpoint);
    const opened: KeyStore[] = [];
    const open = () => {
      const store = openDynamoKeyStore(tables);
      opened.push(store);
      return store;
    };
    return {
      store: open(),
      openSecond: async () => open(),
      dispose: async () => void (await Promise.all(opened.map((store) => store.close()))),
    };
  });

  async function overLateNetwork() {
    const tables = await newTables(dynamoDb.endpoint);
    const network = await startLateNetwork(dynamoDb.endpoint);
    const store = openDynamoKeyStore({ ...tables, endpoint: network.url });
    onTestFinished(async () => {
      await store.close();
      await network.close();
    });
    return { network, store };
  }

  const start: StoredApiKey = { prefix: "p1", hash: "00", role: "service", name: "start", createdAtMs: 1, expiresAtMs: null };

  test("a delayed repeated request does not restore a removed or replaced key", async () => {
    const { network, store } = await overLateNetwork();
    await store.put(start);
    await store.remove("start");
    const refused = expect.stringContaining("ConditionalCheckFailed");
    expect(await network.deliverAgain()).toEqual([refused, refused]);
    expect(await store.list()).toEqual([]);
    const next = { ...start, prefix: "p2" };
    await store.put(next);
    expect(await network.deliverAgain()).toEqual([refused, refused, refused]);
    expect(await store.list()).toEqual([next]);
    expect(await store.findByPrefix("p1")).toBeUndefined();
  });

  test("a change whose response is lost is recognised, and not repeated", async () => {
    const { network, store } = await overLateNetwork();
    network.loseNextAnswer();
    expect(await store.putIfAbsent(start)).toBe(true);
    network.loseNextAnswer();
    expect(await store.remove("start")).toBe(true);
    expect(await store.list()).toEqual([]);
  });
});
