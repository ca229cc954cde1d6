import type { Filter } from "@trinity/aggregation/metric-query";
import { createQuery } from "@trinity/query/query";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { append, storedEvent, testNowMs } from "./api-app.testing.ts";
import type { Asker } from "./ask.ts";
import { parseLogPosition } from "./live-events.ts";
import { createLiveLog, cursorAfter, type LiveCursor, type LiveLog } from "./live-log.ts";
import { createTurns } from "./turns.ts";

const platforms = ["android", "ios"] as const;
const blockBytesMax = 16 * 1024;
/** Some of a block, some longer than it. */
const anySize = fc.constantFrom(0, 300, 6_000, 20_000);

type Made = { readonly id: string; readonly platform: string };

async function logOf(eventsKept: number) {
  const store = openMemoryStore();
  let reads = 0;
  const counted = { ...store, readChunks: (...asked: Parameters<typeof store.readChunks>) => ((reads += 1), store.readChunks(...asked)) };
  const asker: Asker = {
    query: createQuery({ store: counted, readLogCheck: async () => null }),
    caller: { role: "admin" },
    clock: { nowMs: () => testNowMs },
  };
  const made: Made[] = [];
  return {
    log: createLiveLog(createTurns(), eventsKept),
    asker,
    made,
    reads: () => reads,
    append: async (platformsOfChunk: readonly string[], size: number) => {
      const seq = (await store.headSeq()) + 1;
      await append(
        store,
        platformsOfChunk.map((platform) => storedEvent({ context: { platform }, properties: { screen: "x".repeat(size) } })),
      );
      made.push(...platformsOfChunk.map((platform, index) => ({ id: `${seq}.${index}`, platform })));
    },
  };
}

/** A reader as its connection sees it: it may stop reading for any time, and come back with the last id that it has. */
class TestReader {
  readonly ids: string[] = [];
  readonly blocks: { readonly bytes: Uint8Array; readonly events: number }[] = [];
  readonly filters: readonly Filter[];
  readonly expected: (made: readonly Made[]) => readonly string[];
  #cursor: LiveCursor;

  constructor(startId: string, made: readonly Made[], platform: string | null) {
    const begun = made.findIndex(({ id }) => id === startId);
    this.#cursor = cursorAfter(parseLogPosition(startId));
    this.filters = platform === null ? [] : [{ dimension: "platform", values: [platform], negated: false }];
    this.expected = (all) => all.slice(begun + 1).flatMap((one) => (platform === null || one.platform === platform ? [one.id] : []));
  }

  reconnect(): void {
    const last = this.ids.at(-1);
    if (last !== undefined) this.#cursor = cursorAfter(parseLogPosition(last));
  }

  /** @returns false at the end of the log */
  async read(log: LiveLog, asker: Asker): Promise<boolean> {
    const found = await log.after(this.#cursor, this.filters, asker);
    if (found === null) return false;
    this.#cursor = found.next;
    if (found.block === null) return true;
    const { bytes, events } = found.block;
    this.blocks.push({ bytes, events: events.length });
    const text = bytes.toString();
    expect(text).toBe(events.map((one) => `id: ${one.id}\ndata: ${JSON.stringify(one.event)}\n\n`).join(""));
    this.ids.push(...events.map(({ id }) => id));
    return true;
  }
}

const anyPlatforms = fc.array(fc.constantFrom(...platforms), { minLength: 1, maxLength: 12 });
const anyChunk = fc.oneof(
  { weight: 3, arbitrary: fc.record({ platforms: anyPlatforms, size: anySize, times: fc.constantFrom(1, 2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ platforms: fc.constantFrom(["ios"], ["ios", "android"]), size: fc.constant(0), times: fc.constant(70) }),
  },
);
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), chunk: anyChunk }),
  fc.record({
    kind: fc.constant("open" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    platform: fc.constantFrom(null, ...platforms),
  }),
  fc.record({ kind: fc.constantFrom("read" as const, "reconnect" as const), who: fc.nat(20), times: fc.integer({ min: 1, max: 5 }) }),
);

test("readers that are fast, slow, silent or come back get every event that passes their filter once and in order, however little is kept", async () => {
  const anyRun = fc.tuple(fc.constantFrom(1, 80, 10_000), anyChunk, fc.array(anyStep, { maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(anyRun, async ([eventsKept, first, steps]) => {
      const { log, asker, made, append: appendChunk } = await logOf(eventsKept);
      const add = async ({ platforms: of, size, times }: typeof first) => {
        for (let i = 0; i < times; i++) await appendChunk(of, size);
      };
      await add(first);
      const readers = [new TestReader("0.0", made, null)];
      for (const step of steps) {
        if (step.kind === "append") await add(step.chunk);
        else if (step.kind === "open") {
          readers.push(new TestReader(made[Math.floor(step.at * (made.length - 1))]?.id ?? "0.0", made, step.platform));
        } else {
          const reader = readers[step.who % readers.length] as TestReader;
          if (step.kind === "reconnect") reader.reconnect();
          else for (let i = 0; i < step.times; i++) await reader.read(log, asker);
        }
      }
      // All at once, as they are served.
      await Promise.all(
        readers.map(async (reader) => {
          while (await reader.read(log, asker));
        }),
      );
      for (const reader of readers) expect(reader.ids).toEqual(reader.expected(made));
      // What one stream keeps is one block.
      for (const { bytes, events } of readers.flatMap(({ blocks }) => blocks))
        expect(events === 1 || bytes.length <= blockBytesMax).toBe(true);
    }),
    { numRuns: 100, endOnFailure: true },
  );
}, 120_000);

test.each([1, 500])("%d readers at the end of the log read each page of it once, and share its bytes", async (count) => {
  const { log, asker, made, append: appendChunk, reads } = await logOf(10_000);
  await appendChunk(["ios"], 0);
  const readers = Array.from({ length: count }, () => new TestReader("1.0", made, null));
  for (let round = 1; round <= 5; round++) {
    await appendChunk(["ios", "android"], 300);
    await Promise.all(readers.map((reader) => reader.read(log, asker)));
    expect(reads()).toBe(round);
  }
  for (const { ids, blocks } of readers) {
    expect([ids.length, blocks.length]).toEqual([10, 5]);
    // Of the first block they had seen an event already.
    expect(blocks.slice(1).every(({ bytes }, i) => bytes === readers[0]?.blocks[i + 1]?.bytes)).toBe(true);
  }
});

test("readers that come back from many places soon read the same pages", async () => {
  const { log, asker, made, append: appendChunk, reads } = await logOf(10_000);
  for (let i = 0; i < 640; i++) await appendChunk(["ios"], 0);
  const readers = made.slice(0, 64).map(({ id }) => new TestReader(id, made, null));
  await Promise.all(
    readers.map(async (reader) => {
      while (await reader.read(log, asker));
    }),
  );
  for (const reader of readers) expect(reader.ids).toEqual(reader.expected(made));
  // One at the start of each, and two for the rest, not six each.
  expect(reads()).toBeLessThan(64 + 64 + 10);
});

test("streams that are far behind read two pages at once, and one at the end of the log does not wait for them", async () => {
  const store = openMemoryStore();
  for (let i = 0; i < 200; i++) await append(store, [storedEvent()]);
  const held = new Map<number, PromiseWithResolvers<void>>();
  const query = createQuery({
    store: {
      ...store,
      readChunks: async (afterSeq, eventsMax) => {
        held.set(afterSeq, Promise.withResolvers());
        await held.get(afterSeq)?.promise;
        return store.readChunks(afterSeq, eventsMax);
      },
    },
    readLogCheck: async () => null,
  });
  const asker: Asker = { query, caller: { role: "admin" }, clock: { nowMs: () => testNowMs } };
  const log = createLiveLog(createTurns());
  const settled = async () => {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  };
  const first = log.after(cursorAfter({ seq: 150, index: Number.POSITIVE_INFINITY }), [], asker);
  await settled();
  held.get(150)?.resolve();
  await first;
  const behind = [1, 2, 3, 4].map((seq) => log.after(cursorAfter({ seq, index: Number.POSITIVE_INFINITY }), [], asker));
  await settled();
  expect([...held.keys()]).toEqual([150, 1, 2]);
  await append(store, [storedEvent()]);
  const atEnd = log.after(cursorAfter({ seq: 200, index: Number.POSITIVE_INFINITY }), [], asker);
  await settled();
  held.get(200)?.resolve();
  expect((await atEnd)?.block?.events.map(({ id }) => id)).toEqual(["201.0"]);
  for (const seq of [1, 2, 3, 4]) {
    held.get(seq)?.resolve();
    await settled();
  }
  expect(await Promise.all(behind)).toHaveLength(4);
});
