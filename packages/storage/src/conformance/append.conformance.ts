import { describe, expect, test } from "vitest";
import { anEvent, aRejection, batchOf, idsByChunk, keyOf, newEvent, noonMs } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

export function appendConformance(open: OpenStore): void {
  describe("append", () => {
    test("an event is read from the log as it was appended", () =>
      usingStore(open, async ({ store, reopen }) => {
        const event = anEvent("a", { properties: { title: "Amélie 🎬 \u0000 \ufffd", genres: [], votes: -0.25, seen: true } });
        expect(await store.append(batchOf([{ key: keyOf("a"), event }]))).toEqual({ duplicate: [false] });
        const receipts = [{ source: "app", outcome: "accepted", reason: null, count: 1 }];
        const chunk = { seq: 1, receivedAtMs: noonMs + 50, receipts, events: [event] };
        expect(await store.readChunks(0, 10)).toEqual([chunk]);
        expect(await (await reopen()).readChunks(0, 10)).toEqual([chunk]);
      }));

    test("of an event twice in a batch the first is stored", () =>
      usingStore(open, async ({ store }) => {
        const { duplicate } = await store.append(batchOf([newEvent("a"), newEvent("b"), newEvent("a", { timestampMs: 1 }), newEvent("a")]));
        expect(duplicate).toEqual([false, false, true, true]);
        const [chunk] = await store.readChunks(0, 10);
        expect(chunk?.events).toEqual([anEvent("a"), anEvent("b")]);
      }));

    test("an event sent again in a later batch is left out", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([newEvent("a"), newEvent("b")]));
        const { duplicate } = await store.append(batchOf([newEvent("c"), newEvent("a", { timestampMs: 1 })]));
        expect(duplicate).toEqual([false, true]);
        expect(await idsByChunk(store)).toEqual([["a", "b"], ["c"]]);
        expect((await store.readChunks(0, 10))[0]?.events[0]).toEqual(anEvent("a"));
      }));

    test("an event sent again after a restart is left out, and numbering goes on", () =>
      usingStore(open, async ({ store, reopen }) => {
        await store.append(batchOf([newEvent("a")]));
        const again = await reopen();
        expect(await again.append(batchOf([newEvent("a"), newEvent("b")]))).toEqual({ duplicate: [true, false] });
        expect((await again.readChunks(0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
        expect(await idsByChunk(again)).toEqual([["a"], ["b"]]);
      }));

    test("concurrent appends count each event once, in chunks without gaps", () =>
      usingStore(open, async ({ store }) => {
        const batches = Array.from({ length: 8 }, (_, i) => batchOf([newEvent(`own-${i}`), newEvent("shared")]));
        const outcomes = await Promise.all(batches.map((batch) => store.append(batch)));
        expect(outcomes.filter(({ duplicate }) => duplicate[1] === false)).toHaveLength(1);
        const chunks = await store.readChunks(0, 100);
        expect(chunks.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(chunks.flatMap(({ events }) => events.map(({ eventId }) => eventId)).sort()).toEqual([
          ...batches.map((_, i) => `own-${i}`),
          "shared",
        ]);
      }));

    test("ingest counts are by outcome, source and reason", () =>
      usingStore(open, async ({ store }) => {
        const lambda = { source: { system: "lambda" } };
        const events = [newEvent("a"), newEvent("a"), newEvent("b"), newEvent("c", lambda)];
        await store.append(
          batchOf(events, [aRejection("x"), aRejection("y"), aRejection(null, "no_id"), aRejection(null, "no_id", "stream")]),
        );
        expect((await store.readChunks(0, 10))[0]?.receipts).toEqual([
          { source: "app", outcome: "accepted", reason: null, count: 2 },
          { source: "app", outcome: "duplicate", reason: null, count: 1 },
          { source: "app", outcome: "rejected", reason: "unknown_type", count: 2 },
          { source: "app", outcome: "rejected", reason: "no_id", count: 1 },
          { source: "lambda", outcome: "accepted", reason: null, count: 1 },
          { source: "stream", outcome: "rejected", reason: "no_id", count: 1 },
        ]);
      }));

    test("a batch of only rejections, or of only duplicates, makes a chunk for its counts", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([newEvent("a")]));
        await store.append(batchOf([newEvent("a")]));
        await store.append(batchOf([], [aRejection("x")]));
        expect(await idsByChunk(store)).toEqual([["a"], [], []]);
        expect(await store.headSeq()).toBe(3);
      }));

    test("an empty batch makes no chunk", () =>
      usingStore(open, async ({ store }) => {
        expect(await store.append(batchOf([]))).toEqual({ duplicate: [] });
        expect(await store.headSeq()).toBe(0);
        expect(await store.readChunks(0, 10)).toEqual([]);
      }));
  });

  describe("eventStatus", () => {
    test("an event that was never sent is unknown", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([newEvent("a")]));
        expect(await store.eventStatus(keyOf("b"))).toEqual({ state: "unknown" });
      }));

    test("a stored event has the time at which it was first received", () =>
      usingStore(open, async ({ store, reopen }) => {
        await store.append(batchOf([newEvent("a")], [], 1_000));
        await store.append(batchOf([newEvent("a")], [], 2_000));
        expect(await store.eventStatus(keyOf("a"))).toEqual({ state: "stored", atMs: 1_000 });
        expect(await (await reopen()).eventStatus(keyOf("a"))).toEqual({ state: "stored", atMs: 1_000 });
      }));

    test("a rejected event has its last reason", () =>
      usingStore(open, async ({ store, reopen }) => {
        await store.append(batchOf([], [aRejection("x", "unknown_type"), aRejection("x", "too_old")], 1_000));
        expect(await store.eventStatus(keyOf("x"))).toEqual({ state: "rejected", atMs: 1_000, reason: "too_old" });
        await store.append(batchOf([], [aRejection("x", "invalid")], 2_000));
        expect(await (await reopen()).eventStatus(keyOf("x"))).toEqual({ state: "rejected", atMs: 2_000, reason: "invalid" });
      }));

    test("an event that is stored stays stored, whether it is rejected before, in the same batch or after", () =>
      usingStore(open, async ({ store }) => {
        await store.append(batchOf([], [aRejection("a")], 1_000));
        await store.append(batchOf([newEvent("a"), newEvent("b")], [aRejection("b")], 2_000));
        await store.append(batchOf([], [aRejection("a")], 3_000));
        expect(await store.eventStatus(keyOf("a"))).toEqual({ state: "stored", atMs: 2_000 });
        expect(await store.eventStatus(keyOf("b"))).toEqual({ state: "stored", atMs: 2_000 });
      }));
  });
}
