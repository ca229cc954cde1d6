import { question } from "@trinity/aggregation/folded-world";
import type { Pseudonym } from "@trinity/events/event";
import { foldAll } from "@trinity/storage/fold-log";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";

const hourMs = 3_600_000;
const nowMs = noonMs + 24 * hourMs;

test("the rooms in the gaps of several ranges are read once for all of them", async () => {
  const store = openMemoryStore();
  const voteAt = (timestampMs: number, room: string) =>
    newEvent(`vote-${room}`, {
      timestampMs,
      roomId: room as Pseudonym,
      userId: "voter" as Pseudonym,
      properties: { contentId: "movie:1", vote: "like", genres: ["comedy"], recommended: false },
    });
  const events = [voteAt(noonMs + 5_000, "first"), voteAt(noonMs + hourMs, "second"), voteAt(noonMs + 2 * hourMs + 5_000, "third")];
  await store.append({ receivedAtMs: nowMs, events, rejections: [] });
  await foldAll(store, () => nowMs);
  let scans = 0;
  const counting: typeof store = {
    ...store,
    scanEntities: (kind, afterKey, limit) => {
      if (afterKey === "") scans += 1;
      return store.scanEntities(kind, afterKey, limit);
    },
  };
  const startedIn = (fromMs: number, toMs: number) => question({ metric: "rooms_started", fromMs, toMs });
  const cutMs = [noonMs + 1_500, noonMs + hourMs + 1_500, noonMs + 2 * hourMs + 6_500] as const;
  const { data } = await ask(counting, { kind: "metrics", queries: [startedIn(cutMs[0], cutMs[1]), startedIn(cutMs[1], cutMs[2])] }, nowMs);
  expect([data.map(({ totals: [total] }) => total?.value), scans]).toEqual([[2, 1], 1]);
});
