import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { expect, test } from "vitest";
import { openMemoryStore } from "./memory-event-store.ts";

test("sums beyond 2^53 are folded, not taken for damage", async () => {
  const store = openMemoryStore();
  const durationUs = Number.MAX_SAFE_INTEGER;
  const span = { eventType: "span", properties: { kind: "server", service: "trinity-room", route: "createRoom", durationUs } } as const;
  await store.append(batchOf([newEvent("a", span), newEvent("b", span)]));
  await foldAll(store, () => noonMs + 100);
  const { watermark, cells } = await store.readRollups([
    { set: "request", tier: "hour", fromMs: noonMs, toMs: noonMs + 1, componentsBelow: 3 },
  ]);
  expect([watermark.seq, cells[0]?.map(({ amounts }) => [...amounts])]).toEqual([1, [[0, 2, 2, 2 * durationUs]]]);
});
