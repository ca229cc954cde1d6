import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStoreConfig } from "@trinity/config/store-config";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { unwrap } from "@trinity/runtime/result";
import { timerSleep } from "@trinity/runtime/sleep";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { storesOf } from "./stores.ts";

const clock = { nowMs: () => Date.now() };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trinity-stores-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function storesBy(env: Readonly<Record<string, string>>) {
  // A thread gets a copy of it.
  return storesOf(structuredClone(unwrap(parseStoreConfig(env))));
}

type Stores = Awaited<ReturnType<typeof storesBy>>;

/** What all configured stores do. */
async function expectStores(stores: Stores): Promise<void> {
  const [events, keys, leases] = [stores.openEventStore("readwrite"), stores.openKeyStore(), stores.openLeaseStore("readwrite")];
  await events.append({ receivedAtMs: 1, events: [], rejections: [{ key: null, source: "app", code: "missing_event_id" }] });
  expect([await events.headSeq(), await keys.list()]).toEqual([1, []]);
  expect(await leases.acquire("fold", "a", 1_000, 0)).toMatchObject({ holder: "a" });
  await Promise.all([events.close(), keys.close(), leases.close()]);

  const { derived, discard } = stores.openThrowawayState();
  expect((await derived.readWatermark()).seq).toBe(0);
  expect(readdirSync(stores.localDir)).toContainEqual(expect.stringMatching(/^verify-once-/));
  await discard();
  expect(readdirSync(stores.localDir)).not.toContainEqual(expect.stringMatching(/^verify-once-/));
}

async function expectOneVerifier(first: Stores, second: Stores): Promise<void> {
  const lease = await first.openVerification(clock, timerSleep);
  expect((await lease.shadowState.incremental("empty")).readWatermark).toBeTypeOf("function");
  await expect(second.openVerification(clock, timerSleep)).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(lease.lost.aborted).toBe(false);
  await lease.close();
  await (await second.openVerification(clock, timerSleep)).close();
}

test("without any variable everything is in SQLite files in one folder, which one process at a time verifies", async () => {
  const env = { TRINITY_DATA_DIR: newFolder() };
  const stores = await storesBy(env);
  expect([stores.isShared, stores.localDir, await stores.prepare(timerSleep)]).toEqual([false, env.TRINITY_DATA_DIR, []]);
  await expectStores(stores);
  await expectOneVerifier(stores, await storesBy(env));
});

describe.skipIf(!hasDynamoDbLocal(process.env))("on DynamoDB", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());
  const envOf = (prefix: string) => ({
    TRINITY_STORE: "dynamodb",
    DYNAMODB_ENDPOINT: dynamoDb.endpoint,
    TRINITY_TABLE_PREFIX: prefix,
    TRINITY_DATA_DIR: newFolder(),
  });

  test("everything is in tables, which do not exist until they are prepared", async () => {
    const stores = await storesBy(envOf("all-"));
    const events = stores.openEventStore("readwrite");
    await expect(events.headSeq()).rejects.toBeInstanceOf(StoreUnavailableError);
    await events.close();
    expect(await stores.prepare(timerSleep)).toContain("all-events");
    expect([stores.isShared, await stores.prepare(timerSleep)]).toEqual([true, []]);
    await expectStores(stores);
  });

  test("one process verifies at a time, on any machine", async () => {
    const [here, there] = [await storesBy(envOf("one-")), await storesBy(envOf("one-"))];
    await here.prepare(timerSleep);
    await expectOneVerifier(here, there);
  });

  test("two stores in one folder have separate shadow states", async () => {
    const env = envOf("a-");
    const localDirs = await Promise.all(
      ["a-", "b-"].map(async (prefix) => (await storesBy({ ...env, TRINITY_TABLE_PREFIX: prefix })).localDir),
    );
    expect(new Set([...localDirs, env.TRINITY_DATA_DIR]).size).toBe(3);
  });
});
