import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type DynamoDbLocal, hasDynamoDbLocal, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import type { EventStore, NewEvent } from "@trinity/storage/event-store";
import { anEvent, batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { continueLogCheck, type LogCheck } from "@trinity/verification/log-check";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { clientConfigOf } from "../client/dynamo.ts";
import { openDynamoStore } from "../dynamo-event-store.ts";
import { standardLayout } from "../layout.ts";
import { fullNameOf } from "../tables.ts";
import { newTables } from "../tables-on-local.testing.ts";
import { openDynamoLogCheck } from "./check-log.ts";

vi.setConfig({ testTimeout: 300_000 });

type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };
const layout = { ...standardLayout, blockChunks: 4 };
/** Two indexed blocks, and two chunks after them. */
const chunks = 10;
const hourMs = 3_600_000;

/** An event with a UUID of version 7, whose key is time-ordered. */
function timedEvent(atMs: number, number: number): NewEvent {
  const hex = `${atMs.toString(16).padStart(12, "0")}7000${(0x8000 + number).toString(16)}0000000000aa`;
  return { key: Buffer.from(hex, "hex"), event: anEvent(`timed-${number}`, { timestampMs: atMs }) };
}

/** Each chunk has one single key and two time-ordered ones; chunk 3 refuses an event. */
const eventsOf = (chunk: number): readonly NewEvent[] => [
  newEvent(`alone-${chunk}`, { timestampMs: noonMs + chunk * 5 * hourMs }),
  timedEvent(noonMs + chunk * 3_000, 2 * chunk),
  timedEvent(noonMs + chunk * 3_000, 2 * chunk + 1),
];

const restoreLog = (seq: number, why: string) => `chunk ${seq} of the log ${why}; restore the log from a copy`;

describe.skipIf(!hasDynamoDbLocal(process.env))("the check of a log in tables", () => {
  let dynamoDb: DynamoDbLocal;
  let client: DynamoDBDocumentClient;
  beforeAll(async () => {
    dynamoDb = await startDynamoDbLocal();
    client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfigOf(dynamoDb.endpoint, "eu-west-1")));
  }, 60_000);
  afterAll(async () => {
    client.destroy();
    await dynamoDb.stop();
  });

  async function filled() {
    const tables = await newTables(dynamoDb.endpoint);
    const TableName = fullNameOf(tables.tablePrefix, "events");
    const using = async <Result>(use: (store: EventStore) => Promise<Result>) => {
      const store = openDynamoStore({ ...tables, layout });
      return use(store).finally(() => store.close());
    };
    await using(async (store) => {
      for (let chunk = 1; chunk <= chunks; chunk++) {
        const refusals = chunk === 3 ? [{ key: Buffer.alloc(16, 7), source: "app", code: "unknown_type" }] : [];
        await store.append(batchOf(eventsOf(chunk), refusals));
      }
    });
    let [known, nowMs]: [LogCheck | null, number] = [null, 0];
    return {
      open: () => openDynamoStore({ ...tables, layout }),
      using,
      items: async () => {
        const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
        return new Map((Items as Item[]).map((item) => [`${item.pk} ${item.sk}`, item]));
      },
      put: (item: Item) => client.send(new PutCommand({ TableName, Item: item })),
      remove: ({ pk, sk }: Item) => client.send(new DeleteCommand({ TableName, Key: { pk, sk } })),
      /** @param passes whether a pass over the entire log is due */
      checkAgain: async (passes = true) => {
        const { check, close } = openDynamoLogCheck({ ...tables, layout });
        nowMs += passes ? 1_000 : 1;
        const settings = { nowMs: () => nowMs, throttle: async () => {}, passEveryMs: 1_000, record: async () => {} };
        known = await continueLogCheck(check, known, settings).finally(close);
        return known;
      },
    };
  }

  const isIndex = ({ pk }: Item) => /^(ids|id|day|index)#/.test(pk);
  const withoutMends = (items: ReadonlyMap<string, Item>) => new Map([...items].filter(([name]) => name !== "index mends"));

  test("one pass restores all items of the index that were deleted or changed, and a repeat counts once", async () => {
    const { items, put, remove, checkAgain, using } = await filled();
    const before = await items();
    const index = [...before.values()].filter(isIndex);
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: index.length - 1 }), fc.boolean(), fc.nat()), { minLength: 1, maxLength: 6 }),
        async (acts) => {
          const touched = new Set<Item>();
          for (const [at, isDeleted, bit] of acts) {
            const item = index[at] as Item;
            const { ids } = item as { readonly ids?: Uint8Array };
            if (touched.has(item)) continue;
            touched.add(item);
            if (isDeleted || ids === undefined) {
              await remove(item);
              continue;
            }
            const flipped = ids.slice();
            flipped[(bit >> 3) % ids.length] = (flipped[(bit >> 3) % ids.length] as number) ^ (1 << (bit & 7));
            await put({ ...item, ids: flipped });
          }
          const check = await checkAgain();
          expect([check.damaged, check.mended - mended]).toEqual([[], touched.size]);
          ({ mended } = check);
          expect(withoutMends(await items())).toEqual(before);
        },
      ),
      { numRuns: 100 },
    );
    const { duplicate } = await using((store) => store.append(batchOf(Array.from({ length: chunks }, (_, i) => eventsOf(i + 1)).flat())));
    expect(duplicate).toEqual(Array.from({ length: 3 * chunks }, () => true));
  });

  test("a process that read a bucket while it was lost knows its keys soon after it is mended", async () => {
    const { items, remove, checkAgain, open } = await filled();
    const repeat = batchOf(eventsOf(2).slice(1));
    for (const item of (await items()).values()) if (item.pk.startsWith("ids#")) await remove(item);
    const store = open();
    // A new key makes it read the bucket.
    await store.append(batchOf([timedEvent(noonMs + 2 * 3_000, 900)]));
    await checkAgain();
    for (let chunk = 0; chunk < 2 * layout.blockChunks; chunk++) await store.append(batchOf([newEvent(`later-${chunk}`)]));
    expect((await store.append(repeat)).duplicate).toEqual([true, true]);
    await store.close();
  });

  test("an event that was stored again while the index had lost it is reported with its second chunk once that is indexed", async () => {
    const { items, remove, checkAgain, using } = await filled();
    for (const item of (await items()).values()) if (/^ids?#/.test(item.pk)) await remove(item);
    await using(async (store) => {
      expect((await store.append(batchOf([...eventsOf(2).slice(0, 2), ...eventsOf(10)]))).duplicate).toEqual([
        false,
        false,
        true,
        true,
        true,
      ]);
      await store.append(batchOf([newEvent("fills the block")]));
    });
    const damaged = ["2 events of chunk 11 of the log are in an earlier chunk, too, and count twice; restore the log from a copy"];
    expect(await checkAgain()).toMatchObject({ damaged, throughSeq: 12 });
    const { mended } = await checkAgain();
    expect(await checkAgain()).toMatchObject({ damaged, mended });
  });

  test.each([
    ["in an indexed block", 6],
    ["after the index", 9],
  ])("a missing entry %s is reported, the chunks around it are checked, and the index of its block is left alone", async (_, seq) => {
    const { items, remove, put, checkAgain } = await filled();
    const before = await items();
    const entryOf = (of: number) => [...before.values()].find(({ pk, sk }) => pk.startsWith("entry#") && Number(sk) === of) as Item;
    await remove(entryOf(seq));
    await put({ ...entryOf(seq + 1), n: 77 });
    const { damaged, throughSeq } = await checkAgain();
    expect(damaged).toEqual([restoreLog(seq, "is missing"), restoreLog(seq + 1, "has a damaged entry")]);
    expect(throughSeq).toBe(chunks);
    for (const of of [seq, seq + 1]) await put(entryOf(of));
    expect(await checkAgain()).toMatchObject({ damaged: [], mended: 0 });
    expect(await items()).toEqual(before);
  });

  test("an entry without checksum that disagrees with its payload is reported", async () => {
    const { items, put, checkAgain } = await filled();
    const [{ sum: _, ...entry }] = [...(await items()).values()].filter(({ pk }) => pk.startsWith("entry#")) as [Item];
    await put(entry as Item);
    expect((await checkAgain()).damaged).toEqual([]);
    await put({ ...(entry as Item), n: 2 });
    expect((await checkAgain()).damaged).toEqual([restoreLog(1, "has a damaged entry")]);
  });

  test("new chunks are checked without a full pass, from the beginning of their block", async () => {
    const { items, remove, checkAgain, using } = await filled();
    expect(await checkAgain()).toMatchObject({ throughSeq: chunks, mended: 0 });
    await using(async (store) => {
      for (const id of ["eleven", "twelve"]) await store.append(batchOf([newEvent(id)]));
    });
    for (const item of (await items()).values()) if (/^(ids?|day)#/.test(item.pk) && item.first === 9) await remove(item);
    const { throughSeq, mended, damaged } = await checkAgain(false);
    expect([throughSeq, damaged]).toEqual([12, []]);
    expect(mended).toBeGreaterThan(3);
  });
});
