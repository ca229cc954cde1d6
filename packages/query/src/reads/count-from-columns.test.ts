import type { Filter } from "@trinity/aggregation/metric-query";
import type { LogColumns } from "@trinity/columns/log-columns";
import { foldAll } from "@trinity/storage/fold-log";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { ask } from "../asking.testing.ts";

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
  const columns: LogColumns = { read, readLists: read, days: async () => [], close: () => {} };
  return { asked, columns };
}

test("the many statements of one question are asked a few at once", async () => {
  const store = openMemoryStore();
  await store.append({ receivedAtMs: noonMs, events: [newEvent("a", { timestampMs: noonMs })], rejections: [] });
  await foldAll(store, () => noonMs);
  const { asked, columns } = unreadableColumns();
  const filters = [is("platform", "web"), ...["action", "comedy", "drama", "horror", "war"].map((name) => is("genre", name))];
  const range = { fromMs: noonMs - 9 * dayMs + 1, toMs: noonMs - 1, timeZone: "UTC", granularity: "total" } as const;
  const query = { ...range, metric: "votes", by: [], filters, statistic: "mean", windowDays: 1 } as const;
  await ask(store, { kind: "metric", ...query }, noonMs + dayMs, columns);
  expect(asked.times).toBeGreaterThan(30);
  expect(asked.most).toBeLessThanOrEqual(4);
});
