import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { calendarOf } from "@trinity/aggregation/calendar";
import type { Filter } from "@trinity/aggregation/metric-query";
import { planQuery } from "@trinity/aggregation/plan";
import type { LogColumns } from "@trinity/columns/log-columns";
import { unwrap } from "@trinity/runtime/result";
import { foldAll } from "@trinity/storage/fold-log";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";
import { countFromColumns } from "./count-from-columns.ts";

const dayMs = 86_400_000;
const is = (dimension: Filter["dimension"], value: string): Filter => ({ dimension, values: [value], negated: false });

/** Columns that cannot be read, and how often they are asked. */
function unreadableColumns() {
  const asked = { now: 0, most: 0, times: 0 };
  const read = async () => {
    asked.now += 1;
    asked.times += 1;
    asked.most = Math.max(asked.most, asked.now);
    await Promise.resolve();
    asked.now -= 1;
    return null;
  };
  const columns: LogColumns = { read, readLists: read, partsOf: async () => 1, days: async () => [], close: () => {} };
  return { asked, columns };
}

const range = { fromMs: noonMs - 9 * dayMs + 1, toMs: noonMs - 1, timeZone: "UTC", granularity: "total" } as const;
const votes = { ...range, metric: "votes", by: [], statistic: "mean", windowDays: 1 } as const;

test("many statements are asked a few at once", async () => {
  const { asked, columns } = unreadableColumns();
  const calendar = calendarOf("UTC");
  const subQueries = Array.from({ length: 40 }, (_, i) => {
    const filters = [is("platform", `platform ${i}`), is("mediaType", "movie")];
    return unwrap(planQuery({ ...votes, filters }, { asOfMs: noonMs + dayMs, minutesFromMs: noonMs })).subQueries;
  }).flat();
  const counts = accumulatorsFor({ subQueries, calendar }).map((accumulator) => ({ accumulator, calendar, userFilter: null }));
  await countFromColumns({ columns, signal: undefined }, counts, 1);
  expect(asked.times).toBe(40);
  expect(asked.most).toBe(4);
});

test("what a question looks for besides its numbers, values beyond a limit, takes few statements", async () => {
  const store = openMemoryStore();
  await store.append({ receivedAtMs: noonMs, events: [newEvent("a", { timestampMs: noonMs })], rejections: [] });
  await foldAll(store, () => noonMs);
  const { asked, columns } = unreadableColumns();
  const filters = [is("platform", "web"), ...["action", "comedy", "drama", "horror", "war"].map((name) => is("genre", name))];
  await ask(store, { kind: "metric", ...votes, filters }, noonMs + dayMs, columns);
  expect(asked.times).toBeLessThanOrEqual(5);
});
