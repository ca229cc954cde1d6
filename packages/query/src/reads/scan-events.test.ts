import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll, foldNext } from "@trinity/storage/fold-log";
import { anEvent, batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { readMoment } from "./moment.ts";
import { scanEvents } from "./scan-events.ts";
import { ScanLimitError } from "./scan-limit.ts";

const minute = 60_000;

/** Notes which events it is shown. */
function noting() {
  const ids: string[] = [];
  return { range: { fromMs: noonMs, toMs: noonMs + 10 * minute }, add: ({ eventId }: StoredEvent) => void ids.push(eventId), ids };
}

test("an accumulator is shown all chunks with events of its range, each once", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a"), newEvent("b", { timestampMs: noonMs + minute })]));
  await store.append(batchOf([newEvent("c", { timestampMs: noonMs + 10 * minute })]));
  await store.append(batchOf([newEvent("d", { timestampMs: noonMs + 9 * minute })]));
  await foldAll(store, () => noonMs + 100);
  const moment = await readMoment(store, noonMs + 200);
  const { ids } = await scanEvents({ store, moment }, noting());
  expect(ids).toEqual(["a", "b", "d"]);
  expect(moment).toEqual({ nowMs: noonMs + 200, asOfMs: noonMs + 200, watermark: await store.readWatermark() });
});

test("what is not folded yet is not read, and the present is when it was received", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a")]));
  await foldNext(store, noonMs + 100, 1);
  await store.append(batchOf([newEvent("b")], [], noonMs + 150));
  const moment = await readMoment(store, noonMs + 200);
  const { ids } = await scanEvents({ store, moment }, noting());
  expect(ids).toEqual(["a"]);
  expect(moment.asOfMs).toBe(noonMs + 150);
});

test("a question that needs more than two million events is given up", async () => {
  const events = Array<StoredEvent>(1_000_001).fill(anEvent("a"));
  const chunk = (seq: number) => ({ seq, receivedAtMs: noonMs, receipts: [], events });
  const asking = async (chunks: number) => {
    const store: EventStore = {
      ...openMemoryStore(),
      readChunksInRanges: async ({ afterSeq }) => (afterSeq < chunks ? [chunk(afterSeq + 1)] : []),
    };
    const moment = await readMoment(store, noonMs);
    return scanEvents({ store, moment }, { range: { fromMs: noonMs, toMs: noonMs + 1 }, add: () => {} });
  };
  await expect(asking(1)).resolves.toBeDefined();
  await expect(asking(2)).rejects.toThrow(ScanLimitError);
});
