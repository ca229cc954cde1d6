import type { StoredEvent } from "@trinity/events/event";
import { foldAll, foldNext } from "@trinity/storage/fold-log";
import { anEvent, batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { accumulateEvents } from "./accumulate-events.ts";
import { ScanLimitError } from "./read-contributions.ts";

const minute = 60_000;

/** Notes which events it is shown. */
function noting() {
  const ids: string[] = [];
  return { range: { fromMs: noonMs, toMs: noonMs + 10 * minute }, add: ({ eventId }: StoredEvent) => void ids.push(eventId), ids };
}

test("a tally is shown all chunks with events of its range, each once", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a"), newEvent("b", { timestampMs: noonMs + minute })]));
  await store.append(batchOf([newEvent("c", { timestampMs: noonMs + 10 * minute })]));
  await store.append(batchOf([newEvent("d", { timestampMs: noonMs + 9 * minute })]));
  await foldAll(store, () => noonMs + 100);
  const { accumulator, freshness } = await accumulateEvents(store, noonMs + 200, noting);
  expect(accumulator.ids).toEqual(["a", "b", "d"]);
  expect(freshness).toEqual({ asOf: new Date(noonMs + 200).toISOString(), revision: (await store.readWatermark()).revision });
});

test("what is not folded yet is not read, and the present is when it was received", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a")]));
  await foldNext(store, noonMs + 100, 1);
  await store.append(batchOf([newEvent("b")], [], noonMs + 150));
  const asked: number[] = [];
  const { accumulator, freshness } = await accumulateEvents(store, noonMs + 200, (asOfMs) => {
    asked.push(asOfMs);
    return noting();
  });
  expect(accumulator.ids).toEqual(["a"]);
  expect(freshness.asOf).toBe(new Date(noonMs + 150).toISOString());
  expect(asked).toEqual([noonMs + 150]);
});

test("a question that needs more than two million events is given up", async () => {
  const events = Array<StoredEvent>(1_000_001).fill(anEvent("a"));
  const chunk = (seq: number) => ({ seq, receivedAtMs: noonMs, receipts: [], events });
  const asking = (chunks: number) =>
    accumulateEvents(
      {
        ...openMemoryStore(),
        readChunksInRange: async ({ afterSeq }) => (afterSeq < chunks ? [chunk(afterSeq + 1)] : []),
      },
      noonMs,
      () => ({ range: { fromMs: noonMs, toMs: noonMs + 1 }, add: () => {} }),
    );
  await expect(asking(1)).resolves.toBeDefined();
  await expect(asking(2)).rejects.toThrow(ScanLimitError);
});
