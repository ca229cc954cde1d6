import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { DamagedDataError, type EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { verifyStore } from "@trinity/verification/verify-store";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { clientConfigOf } from "./client/dynamo.ts";
import { createTables } from "./create-tables.ts";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { standardLayout } from "./layout.ts";
import { fullNameOf, type TableName, tableNames } from "./tables.ts";
import { newTables } from "./tables-on-local.testing.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Small, so that a few folds are compacted. */
const layout = { ...standardLayout, blockChunks: 4, compactDeltas: 3 };
const derived: readonly TableName[] = ["users", "rooms", "content", "rollups", "system", "state"];
const howToRestore =
  /; restore all tables to the same moment and restart every process; or stop every process, delete the tables users, .* tables create$/;

describe.skipIf(!hasDynamoDbLocal(process.env))("tables that were restored to different moments", () => {
  let dynamoDb: DynamoDbLocal;
  let client: DynamoDBDocumentClient;
  let tables: Awaited<ReturnType<typeof newTables>>;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());
  beforeEach(async () => {
    tables = await newTables(dynamoDb.endpoint);
    client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfigOf(dynamoDb.endpoint, "eu-west-1")));
    return () => client.destroy();
  });

  async function using<Result>(use: (store: EventStore) => Promise<Result>): Promise<Result> {
    const store = openDynamoStore({ ...tables, layout });
    return use(store).finally(() => store.close());
  }

  const take = (from: number, through: number) =>
    using(async (store) => {
      for (let i = from; i <= through; i++) {
        await store.append(batchOf([newEvent(`e${i}`)]));
        await foldAll(store, () => noonMs);
      }
    });

  const itemsOf = async (table: TableName) =>
    (await client.send(new ScanCommand({ TableName: fullNameOf(tables.tablePrefix, table), ConsistentRead: true }))).Items ?? [];

  /** Replaces all items of a table, as a restore does. */
  async function restore(table: TableName, items: readonly Record<string, unknown>[]): Promise<void> {
    const TableName = fullNameOf(tables.tablePrefix, table);
    await client.send(new DeleteTableCommand({ TableName }));
    await createTables({ ...tables, pause: async () => {} });
    for (const Item of items) await client.send(new PutCommand({ TableName, Item }));
  }

  const snapshot = async () => new Map(await Promise.all(tableNames.map(async (table) => [table, await itemsOf(table)] as const)));

  async function expectRefused(reason: RegExp): Promise<void> {
    const uses: ((store: EventStore) => Promise<unknown>)[] = [
      (store) => store.append(batchOf([newEvent("late")])),
      (store) => store.readRollups([]),
      (store) => store.readWatermark(),
      (store) => store.headSeq(),
    ];
    for (const use of uses) {
      const error = await using((store) => use(store).catch((thrown: unknown) => thrown));
      expect(error).toBeInstanceOf(DamagedDataError);
      expect((error as DamagedDataError).reason).toMatch(reason);
      expect((error as DamagedDataError).reason).toMatch(howToRestore);
    }
  }

  async function expectUsable(commits: number): Promise<void> {
    await take(100, 100);
    await using(async (store) => {
      expect([await store.headSeq(), (await store.readWatermark()).seq]).toEqual([commits + 1, commits + 1]);
      expect((await verifyStore(store)).differing).toBe(0);
    });
  }

  test("every call refuses a log older than the watermark, until the derived tables are rebuilt", async () => {
    await take(1, 2);
    const older = await snapshot();
    await take(3, 5);
    await restore("events", older.get("events") ?? []);
    await expectRefused(/^the table events lacks commit 5, but 5 are counted; /);
    for (const table of derived) await restore(table, []);
    await expectUsable(2);
  });

  test("an empty log is refused", async () => {
    await take(1, 3);
    await restore("events", []);
    await expectRefused(/^the table events lacks commit 3, but 3 are counted; /);
  });

  test("another log that is as long is refused", async () => {
    await take(1, 3);
    const before = await snapshot();
    for (const table of tableNames) await restore(table, []);
    await take(11, 13);
    await restore("events", before.get("events") ?? []);
    await expectRefused(/^commit 3 of the table events is not the one that was there when it was counted; /);
  });

  /** Processes that run through the restore: the one that appended last, one that appended before others, and one that only answers. */
  async function running(use: (stores: Record<"last" | "behind" | "answering", EventStore>) => Promise<void>): Promise<void> {
    const [last, behind, answering] = [
      openDynamoStore({ ...tables, layout }),
      openDynamoStore({ ...tables, layout }),
      openDynamoStore({ ...tables, layout }),
    ];
    try {
      await use({ last, behind, answering });
    } finally {
      await Promise.all([last, behind, answering].map((store) => store.close()));
    }
  }

  test("each running process notices an older log before its next acknowledgement or answer, until the log is put back", () =>
    running(async ({ last, behind, answering }) => {
      await take(1, 2);
      await behind.append(batchOf([newEvent("behind")]));
      const older = await snapshot();
      await last.append(batchOf([newEvent("last-1")]));
      await foldAll(last, () => noonMs);
      await last.append(batchOf([newEvent("last-2")]));
      expect([(await answering.readRollups([])).headSeq, await answering.headSeq()]).toEqual([5, 5]);
      const complete = await snapshot();
      await restore("events", older.get("events") ?? []);
      const asked: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
        [() => last.append(batchOf([newEvent("late")])), /^the table events lacks commit 5, but 5 were acknowledged; /],
        [() => behind.append(batchOf([newEvent("late")])), /^the table events lacks commit 4, but 4 are counted; /],
        ...[last, behind, answering].flatMap((store) =>
          [() => store.readWatermark(), () => store.headSeq(), () => store.readRollups([])].map(
            (ask) => [ask, /^the table events lacks commit (4, but 4 are counted|5, but 5 were acknowledged); /] as const,
          ),
        ),
      ];
      for (const [ask, reason] of asked) {
        const error = await ask().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(DamagedDataError);
        expect((error as DamagedDataError).reason).toMatch(reason);
        expect((error as DamagedDataError).reason).toMatch(howToRestore);
      }
      await restore("events", complete.get("events") ?? []);
      await last.append(batchOf([newEvent("later")]));
      await behind.append(batchOf([newEvent("later still")]));
      await foldAll(last, () => noonMs);
      expect((await answering.readRollups([])).watermark.seq).toBe(7);
      expect((await verifyStore(answering)).differing).toBe(0);
    }));

  test("a running process notices another log of the same length before its next acknowledgement", async () => {
    await take(1, 2);
    const other = await snapshot();
    for (const table of tableNames) await restore(table, []);
    const store = openDynamoStore({ ...tables, layout });
    for (const id of ["a", "b"]) await store.append(batchOf([newEvent(id)]));
    await restore("events", other.get("events") ?? []);
    const error = await store.append(batchOf([newEvent("late")])).catch((thrown: unknown) => thrown);
    expect((error as DamagedDataError).reason).toMatch(
      /^commit 2 of the table events is not the one that was there when it was acknowledged; /,
    );
    await store.close();
  });

  test("a running process refuses tables that were all restored to an older moment; a new process accepts them", async () => {
    await take(1, 2);
    const older = await snapshot();
    const store = openDynamoStore({ ...tables, layout });
    await store.append(batchOf([newEvent("lost")]));
    await foldAll(store, () => noonMs);
    for (const table of tableNames) await restore(table, older.get(table) ?? []);
    for (const use of [() => store.append(batchOf([newEvent("late")])), () => store.readWatermark(), () => store.readRollups([])]) {
      const error = await use().catch((thrown: unknown) => thrown);
      expect((error as DamagedDataError).reason).toMatch(
        /^(the table events lacks commit 3|the table state was restored to an older moment under this)/,
      );
    }
    await store.close();
    await expectUsable(2);
  });

  test("all tables of one moment are accepted, and so are older derived tables", async () => {
    await take(1, 3);
    const older = await snapshot();
    await take(4, 6);
    for (const table of derived) await restore(table, older.get(table) ?? []);
    await expectUsable(6);
    for (const table of tableNames) await restore(table, older.get(table) ?? []);
    await expectUsable(3);
  });

  test("a state that is empty or older than its pages is reported, and can be rebuilt with them", async () => {
    await take(1, 12);
    await restore("state", []);
    const error = await using((store) => foldAll(store, () => noonMs).catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ name: "DamagedStateError", reason: expect.stringMatching(/^the table state is older than the tables /) });
    for (const table of derived) await restore(table, []);
    await expectUsable(12);
  });
});
