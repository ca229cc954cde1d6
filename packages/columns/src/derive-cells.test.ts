import type { Measure } from "@trinity/aggregation/measure";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { afterAll, expect, test } from "vitest";
import { deriveCells } from "./derive-cells.ts";
import { createSealedWorlds } from "./sealed-world.testing.ts";

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

test("a genre that an event lists twice is in a cell once", async () => {
  const properties = { contentId: "movie:1", vote: "like", genres: ["drama", "comedy", "drama"] };
  const events = [newEvent("a", { eventType: "vote_content", properties }).event];
  const { columns } = await worlds.open([{ chunks: [{ seq: 1, receivedAtMs: noonMs, events, receipts: [] }], foldedAtMs: noonMs }], [true]);
  const measure = measures.find(({ name }) => name === "vote") as Measure;
  const ranges = [{ fromMs: noonMs - 43_200_000, toMs: noonMs + 43_200_000 }];
  const derived = await deriveCells(columns, { measure, ranges, minutesFromMs: noonMs, throughSeq: 1 });
  const byGenre = derived?.filter(({ set, tier }) => set === "vote/genre" && tier === "day");
  expect(byGenre?.map(({ value, sums }) => [value, [...sums]]).sort()).toEqual([
    ["comedy", [[0, 1]]],
    ["drama", [[0, 1]]],
  ]);
});
