import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { readMoment } from "./moment.ts";
import { overflowedDimensions } from "./overflowed-dimensions.ts";
import { metricQueries, planMetrics, readMetrics } from "./read-metrics.ts";
import { ScanLimitError } from "./scan-limit.ts";

const overflowed = {
  properties: { contentId: "movie:1", vote: "like", genres: ["other"], mediaType: "movie" },
  context: { platform: "other", locale: "other" },
};

test("when the log is too long to check all filters together, each dimension is checked alone", async () => {
  const whole = openMemoryStore();
  await whole.append(batchOf([newEvent("vote", overflowed)]));
  await foldAll(whole, () => noonMs);
  const readChunksInRanges = () => Promise.reject(new ScanLimitError("too many events"));
  const store: typeof whole = Object.create(whole, { readChunksInRanges: { value: readChunksInRanges } });
  const filters = (["platform", "locale", "genre"] as const).map((dimension) => ({ dimension, values: ["v9"], negated: false }));
  const range = { fromMs: noonMs - 7_200_001, toMs: noonMs + 3_600_001 };
  const scope = { ...range, timeZone: "UTC", filters };
  const nowMs = range.toMs;
  const moment = await readMoment(store, nowMs);
  const plans = planMetrics(metricQueries(scope, [{ metric: "votes" }]), moment);
  if (!plans.ok) throw new TypeError(plans.error.message);
  const reader = { store, readLogCheck: async () => null, moment };
  await expect(readMetrics(plans.value, reader)).rejects.toThrow(ScanLimitError);
  const question = { scope, counts: [{ metric: "votes" }], by: [], checkedRange: range };
  expect(await overflowedDimensions({ store }, question, nowMs)).toEqual(["genre", "locale", "platform"]);
});
