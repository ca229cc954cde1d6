import type { AmountCell } from "@trinity/aggregation/cell";
import { addAmounts } from "@trinity/aggregation/vector";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";

const dayMs = 86_400_000;

/** A store that makes one cell of all that are only added up, as SQLite does. @returns it, and how often it did */
function addingUp(store: EventStore): { readonly store: EventStore; readonly times: () => number } {
  let times = 0;
  const inOne = (cells: readonly AmountCell[]): readonly AmountCell[] =>
    [...Map.groupBy(cells, ({ value }) => value).values()].map((alike) => {
      const sum = new Map<number, number>();
      for (const { amounts } of alike) addAmounts(sum, amounts, 1);
      return { ...(alike[0] as AmountCell), amounts: Float64Array.from([...sum].flat()) };
    });
  const readRollups: EventStore["readRollups"] = async (ranges, userRanges) => {
    const read = await store.readRollups(ranges, userRanges);
    times += ranges.filter(({ isAddedUp }) => isAddedUp).length;
    return { ...read, cells: read.cells.map((cells, i) => (ranges[i]?.isAddedUp === true ? inOne(cells) : cells)) };
  };
  return { store: { ...store, readRollups }, times: () => times };
}

test("cells are added up by the store where all of them count alike, and only there", async () => {
  const plain = openMemoryStore();
  const events = Array.from({ length: 40 }, (_, i) => {
    const properties = { contentId: `movie:${i % 3}`, vote: i % 2 === 0 ? "like" : "skip", genres: [], mediaType: "movie" };
    return newEvent(`${i}`, { eventType: "vote_content", timestampMs: noonMs - (i % 9) * dayMs, properties });
  });
  await plain.append({ receivedAtMs: noonMs, events, rejections: [] });
  await foldAll(plain, () => noonMs);
  const range = { fromMs: noonMs - 10.5 * dayMs, toMs: noonMs + dayMs / 2, timeZone: "UTC", statistic: "mean", windowDays: 1 } as const;
  const timesFor = async (granularity: "total" | "day", by: readonly ("contentId" | "weekday")[]) => {
    const { store, times } = addingUp(plain);
    const question = { kind: "metric", metric: "positive_rate", ...range, granularity, by, filters: [] } as const;
    expect((await ask(store, question, noonMs)).data).toEqual((await ask(plain, question, noonMs)).data);
    return times();
  };
  expect(await timesFor("total", ["contentId"])).toBeGreaterThan(0);
  expect(await timesFor("day", ["contentId"])).toBe(0);
  expect(await timesFor("total", ["contentId", "weekday"])).toBe(0);
  expect(await timesFor("total", [])).toBe(0);
});
