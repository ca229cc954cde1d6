import { tierMs } from "@trinity/aggregation/bucket";
import { joinTimeRanges } from "@trinity/aggregation/time-range";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventStore } from "../event-store.ts";
import { aRejection, batchOf, commit, newEvent, noonMs } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function logReadingConformance(open: OpenStore): void {
  describe("readChunks", () => {
    test("an empty log has head 0 and no chunks", () =>
      usingStore(open, async ({ store }) => {
        expect(await store.headSeq()).toBe(0);
        expect(await store.readChunks(0, 10)).toEqual([]);
        expect(await store.readChunksInRanges({ afterSeq: 0, throughSeq: 10, ranges: [{ fromMs: 0, toMs: noonMs * 2 }] }, 10)).toEqual([]);
      }));

    test("a page has no more events than asked for, but at least one chunk", () =>
      usingStore(open, async ({ store }) => {
        await appendChunks(store, [3, 2, 4, 1]);
        const seqs = async (afterSeq: number, eventsMax: number) => (await store.readChunks(afterSeq, eventsMax)).map(({ seq }) => seq);
        expect(await seqs(0, 1)).toEqual([1]);
        expect(await seqs(0, 5)).toEqual([1, 2]);
        expect(await seqs(2, 4)).toEqual([3]);
        expect(await seqs(2, 100)).toEqual([3, 4]);
        expect(await seqs(4, 100)).toEqual([]);
      }));

    test("a page of chunks without events is limited too", () =>
      usingStore(open, async ({ store }) => {
        for (let i = 0; i < 5; i++) await store.append(batchOf([], [aRejection(null)]));
        expect((await store.readChunks(1, 3)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
      }));
  });

  describe("readChunksInRanges", () => {
    test("an event at the start of the range is in it, one at the end is not", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([newEvent("a", { timestampMs: noonMs })]));
        const found = async (fromMs: number, toMs: number) =>
          (await store.readChunksInRanges({ afterSeq: 0, throughSeq: 1, ranges: [{ fromMs, toMs }] }, 10)).length;
        expect(await found(noonMs, noonMs + 1)).toBe(1);
        expect(await found(noonMs - 1, noonMs)).toBe(0);
        expect(await found(noonMs + 1, noonMs + 2)).toBe(0);
      }));

    test("chunks outside the sequence numbers are left out", () =>
      usingStore(open, async ({ store }) => {
        await appendChunks(store, [1, 1, 1, 1]);
        const chunks = await store.readChunksInRanges({ afterSeq: 1, throughSeq: 3, ranges: [{ fromMs: noonMs, toMs: noonMs + 1 }] }, 10);
        expect(chunks.map(({ seq }) => seq)).toEqual([2, 3]);
      }));

    test("chunks between two ranges are left out, and one with events in both is read once", () =>
      usingStore(open, async ({ store }) => {
        const at = (...hours: readonly number[]) =>
          store.append(batchOf(hours.map((hour) => newEvent(`${hours} ${hour}`, { timestampMs: noonMs + hour * tierMs.hour }))));
        for (const hours of [[0], [1], [48], [0, 48], [24], [72]]) await at(...hours);
        const ranges = [0, 48].map((hour) => ({ fromMs: noonMs + hour * tierMs.hour, toMs: noonMs + hour * tierMs.hour + 1 }));
        const chunks = await store.readChunksInRanges({ afterSeq: 0, throughSeq: 6, ranges }, 10);
        expect(chunks.map(({ seq }) => seq)).toEqual([1, 3, 4]);
        expect(await store.readChunksInRanges({ afterSeq: 0, throughSeq: 6, ranges: [] }, 10)).toEqual([]);
      }));

    test("pages over any ranges have every event in them, in order, each chunk once", () =>
      usingStore(open, async ({ store }) => {
        const day = fc.integer({ min: -3, max: 3 }).map((days) => days * tierMs.day);
        const instant = fc.tuple(day, fc.constantFrom(-1, 0, 1, 3_600_000)).map(([days, ms]) => Date.UTC(2026, 5, 1) + days + ms);
        const anyRanges = fc.array(fc.record({ fromMs: instant, toMs: instant }), { maxLength: 4 }).map(joinTimeRanges);
        const anyTimes = fc.array(fc.array(instant, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
        let written = 0;
        await fc.assert(
          fc.asyncProperty(anyTimes, anyRanges, fc.integer({ min: 1, max: 5 }), async (times, ranges, eventsMax) => {
            const first = await store.headSeq();
            for (const chunk of times) {
              const events = chunk.map((timestampMs) => newEvent(`event-${written++}`, { timestampMs }));
              await store.append(batchOf(events, [aRejection(null)]));
            }
            const inRange = (timestampMs: number) => ranges.some(({ fromMs, toMs }) => timestampMs >= fromMs && timestampMs < toMs);
            const expected = times.flatMap((chunk, i) => (chunk.some(inRange) ? [first + 1 + i] : []));
            const throughSeq = await store.headSeq();
            const seqs: number[] = [];
            for (let afterSeq = first; ; afterSeq = seqs.at(-1) as number) {
              const page = await store.readChunksInRanges({ afterSeq, throughSeq, ranges }, eventsMax);
              if (page.length === 0) break;
              seqs.push(...page.map(({ seq }) => seq));
            }
            expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
            expect(seqs).toEqual(expect.arrayContaining(expected));
          }),
          { numRuns: 100 },
        );
      }));
  });

  describe("readChunksOfUser", () => {
    test("finds the folded chunks of a user, oldest first", () =>
      usingStore(open, async ({ store, reopen }) => {
        await appendChunks(store, [1, 1, 1, 1]);
        const of = (key: string, seq: number) => ({ kind: "user" as const, key, seq });
        await commit(store, { to: { seq: 2 }, index: [of("user-1", 2), of("user-2", 1)] });
        await commit(store, { to: { seq: 4 }, index: [of("user-1", 4), of("user-1", 3), of("user-1", 4)] });
        const seqs = async (reader: EventStore, key: string) => (await reader.readChunksOfUser(key)).map(({ seq }) => seq);
        expect(await seqs(store, "user-1")).toEqual([2, 3, 4]);
        const again = await reopen();
        expect(await seqs(again, "user-2")).toEqual([1]);
        expect(await seqs(again, "user-3")).toEqual([]);
        expect(await again.readChunksOfUser("user-1")).toEqual((await again.readChunks(0, 4)).slice(1));
      }));
  });
}

async function appendChunks(store: EventStore, sizes: readonly number[]): Promise<void> {
  for (const [chunk, size] of sizes.entries()) {
    await store.append(batchOf(Array.from({ length: size }, (_, i) => newEvent(`${chunk}-${i}`))));
  }
}
