import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { verifyStore } from "@trinity/verification/verify-store";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { clientConfigOf } from "./client/dynamo.ts";
import { packed, unpacked } from "./client/packed.ts";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { standardLayout } from "./layout.ts";
import { fullNameOf, type TableName } from "./tables.ts";
import { newTables } from "./tables-on-local.testing.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Small, so that a few folds are compacted. */
const layout = { ...standardLayout, compactDeltas: 3 };
type StoredItem = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };
type StoredPage = [entities: unknown[], indexRows: [kind: string, key: string, seqs: number[]][]];
type StoredFold = { readonly kind: string; readonly index: { readonly kind: string; readonly key: string; readonly seq: number }[] };

describe.skipIf(!hasDynamoDbLocal(process.env))("tables of an older release, with index rows of sessions and rooms,", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  test("differ in nothing from the log, and lose these rows as their pages are written", async () => {
    const tables = await newTables(dynamoDb.endpoint);
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfigOf(dynamoDb.endpoint, "eu-west-1")));
    const using = async (use: (store: EventStore) => Promise<void>) => {
      const store = openDynamoStore({ ...tables, layout });
      await use(store).finally(() => store.close());
    };
    const take = (from: number, through: number) =>
      using(async (store) => {
        for (let i = from; i <= through; i++) {
          await store.append(batchOf([newEvent(`e${i}`, { sessionId: "session-1" as never })]));
          await foldAll(store, () => noonMs);
        }
      });
    const itemsOf = async (table: TableName) =>
      ((await client.send(new ScanCommand({ TableName: fullNameOf(tables.tablePrefix, table), ConsistentRead: true }))).Items ??
        []) as StoredItem[];
    const rewrite = (table: TableName, item: StoredItem, content: unknown) =>
      client.send(new PutCommand({ TableName: fullNameOf(tables.tablePrefix, table), Item: { ...item, data: packed(content) } }));
    const pagesOf = async (table: TableName, kind: string) =>
      (await itemsOf(table))
        .filter(({ pk }) => pk.startsWith(`${kind}#`))
        .map((item) => [item, unpacked(item.data as Uint8Array) as StoredPage] as const);

    await take(1, 5);
    // As that release wrote the pages of the first four folds, and the delta of the fifth.
    for (const [table, kind, key] of [
      ["users", "session", "session-1"],
      ["rooms", "room", "room-1"],
    ] as const) {
      const pages = await pagesOf(table, kind);
      expect(pages).toHaveLength(1);
      for (const [item, [entities]] of pages) await rewrite(table, item, [entities, [[kind, key, [1, 2, 3, 4]]]]);
    }
    const deltas = (await itemsOf("state"))
      .filter(({ pk, data }) => pk.startsWith("step") && data !== undefined)
      .map((item) => [item, unpacked(item.data as Uint8Array) as StoredFold] as const);
    expect(deltas).toHaveLength(1);
    for (const [item, delta] of deltas) {
      const seq = (delta.index[0] as { seq: number }).seq;
      const older = [
        { kind: "session", key: "session-1", seq },
        { kind: "room", key: "room-1", seq },
      ];
      await rewrite("state", item, { ...delta, index: [...delta.index, ...older] });
    }

    await using(async (store) => {
      expect((await verifyStore(store)).differing).toBe(0);
      expect((await store.readChunksOfUser("user-1")).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    });
    await take(6, 8);
    await using(async (store) => expect((await verifyStore(store)).differing).toBe(0));
    const kinds = [
      ["users", "session"],
      ["rooms", "room"],
    ] as const;
    for (const [table, kind] of kinds) {
      for (const [, [, indexRows]] of await pagesOf(table, kind)) expect(indexRows).toEqual([]);
    }
    client.destroy();
  });
});
