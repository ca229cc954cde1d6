import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { noFaults, standardRates } from "@trinity/dynamodb-local/fault-choice";
import { startFaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll, foldNext } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { verifyStore } from "@trinity/verification/verify-store";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { openDynamoStore } from "./dynamo-event-store.ts";
import { newTables } from "./tables-on-local.testing.ts";

vi.setConfig({ testTimeout: 120_000 });

const layout = { blockChunks: 4, compactDeltas: 3, compactBytes: 1_000_000, entityShards: 2 };

/** Each writer shares half of its ids with every other. */
function batchesOf(writer: number, batches: number) {
  return Array.from({ length: batches }, (_, batch) =>
    batchOf([`shared-${batch}`, `own-${writer}-${batch}`, `shared-late-${batches - batch}`].map((id) => newEvent(id, { userId: null }))),
  );
}

/** Repeats the work until the store is available. */
async function untilAvailable<Result>(work: () => Promise<Result>, onUnavailable = () => {}): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      onUnavailable();
    }
  }
}

describe.skipIf(!hasDynamoDbLocal(process.env))("many stores on the same tables, on DynamoDB Local", () => {
  let dynamoDb: DynamoDbLocal;
  beforeAll(async () => void (dynamoDb = await startDynamoDbLocal()), 60_000);
  afterAll(() => dynamoDb.stop());

  async function openMany(count: number, rates: Parameters<typeof startFaultProxy>[0]["rates"]) {
    const proxy = await startFaultProxy({ target: dynamoDb.endpoint, seed: 7, rates: rates ?? noFaults, redeliverAfterMs: 200 });
    const tables = await newTables(dynamoDb.endpoint);
    const stores = Array.from({ length: count }, () => openDynamoStore({ ...tables, endpoint: proxy.endpoint, layout }));
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await proxy.stop();
    });
    return { proxy, stores };
  }

  /** @returns how often each id was reported as new, and the ids of batches with an attempt of unknown outcome */
  async function appendAll(stores: readonly EventStore[], batches: number) {
    const newTimes = new Map<string, number>();
    const unsure = new Set<string>();
    await Promise.all(
      stores.map(async (store, writer) => {
        for (const batch of batchesOf(writer, batches)) {
          const ids = batch.events.map(({ event }) => event.eventId);
          const { duplicate } = await untilAvailable(
            () => store.append(batch),
            () => {
              for (const id of ids) unsure.add(id);
            },
          );
          for (const [i, id] of ids.entries()) if (duplicate[i] === false) newTimes.set(id, (newTimes.get(id) ?? 0) + 1);
          await untilAvailable(() => foldNext(store, noonMs));
        }
      }),
    );
    return { newTimes, unsure };
  }

  test.each([
    ["without faults", noFaults],
    ["with throttling, conflicts, lost responses and repeated requests", standardRates],
  ])("every event is in the log once, and the state of every store equals the log: %s", async (_faults, rates) => {
    const { proxy, stores } = await openMany(3, rates);
    const { newTimes, unsure } = await appendAll(stores, 12);
    proxy.setRates(noFaults);
    await proxy.settled();
    const [store] = stores as [EventStore];
    const chunks = await store.readChunks(0, 1_000_000);
    const ids = chunks.flatMap(({ events }) => events.map(({ eventId }) => eventId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_chunk, i) => i + 1));
    expect([...newTimes.values()].every((times) => times === 1)).toBe(true);
    expect(ids.filter((id) => !newTimes.has(id) && !unsure.has(id))).toEqual([]);
    expect([...newTimes.keys(), ...unsure].filter((id) => !ids.includes(id))).toEqual([]);
    await foldAll(store, () => noonMs);
    expect(await verifyStore(store)).toMatchObject({ differing: 0 });
    const statuses = await Promise.all(stores.map((other) => other.readWatermark()));
    expect(new Set(statuses.map(({ revision }) => revision)).size).toBe(1);
  });

  test("a store that was idle while others compacted reads the new pages", async () => {
    const { stores } = await openMany(2, noFaults);
    const [writer, idle] = stores as [EventStore, EventStore];
    await writer.append(batchOf([newEvent("first")]));
    await foldNext(writer, noonMs);
    await idle.readWatermark();
    for (let i = 0; i < 40; i++) {
      await writer.append(batchOf([newEvent(`later-${i}`)]));
      await foldNext(writer, noonMs);
    }
    const range = { set: "event", tier: "day", fromMs: 0, toMs: noonMs * 2 } as const;
    expect(await idle.readRollups([range])).toEqual(await writer.readRollups([range]));
    expect((await idle.readRollups([range])).cells[0]?.[0]?.amounts).toEqual(Float64Array.of(0, 41));
    expect(await idle.append(batchOf([newEvent("first"), newEvent("later-3"), newEvent("new")]))).toEqual({
      duplicate: [true, true, false],
    });
  });
});
