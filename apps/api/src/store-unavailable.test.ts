import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent } from "./api-app.testing.ts";

/** A store that cannot answer until it is told to. */
function absentStore(store: EventStore): { readonly store: EventStore; appear(): void } {
  let there = false;
  const guarded = Object.entries(store).map(([name, method]) => [
    name,
    async (...parameters: readonly never[]) => {
      if (!there && name !== "close") throw new StoreUnavailableError("log.db is not there yet");
      return (method as (...given: readonly never[]) => unknown)(...parameters);
    },
  ]);
  return { store: Object.fromEntries(guarded) as EventStore, appear: () => void (there = true) };
}

test("while the store is not there everything answers 503 with Retry-After; then it recovers by itself", async () => {
  const memory = openMemoryStore();
  await appendAndFold(memory, [storedEvent()]);
  const { store, appear } = absentStore(memory);
  const checks = { store: () => store.readWatermark().then(() => ({ ok: true }) as const) };
  const api = await startTestApi({ store, checks });
  const range = "from=2026-11-22&to=2026-11-23";
  const paths = [
    `/api/v1/metrics/votes?${range}`,
    `/api/v1/explore/events?metric=votes&${range}`,
    "/api/v1/health/ingestion",
    "/api/v1/live/events",
    `/trpc/metrics.query?input=${encodeURIComponent('{"metric":"votes","from":"2026-11-22","to":"2026-11-23"}')}`,
  ];

  for (const path of paths) {
    const { status, headers } = await api.get(path);
    expect([path, status, headers.get("retry-after")]).toEqual([path, 503, "1"]);
  }
  expect((await api.get("/readyz", {})).status).toBe(503);
  expect((await api.get("/healthz", {})).status).toBe(200);
  expect((await api.get("/metrics", {})).text).toContain("trinity_store_readable 0");

  appear();
  expect((await api.get(`/api/v1/metrics/votes?${range}&granularity=total`)).json.totals[0].value).toBe(1);
  expect((await api.get("/readyz", {})).status).toBe(200);
  expect((await api.get("/metrics", {})).text).toContain("trinity_store_readable 1");
  await api.close();
});

test("a question that would read too much of the log is 422 with advice", async () => {
  const store = openMemoryStore();
  await appendAndFold(store, [storedEvent()]);
  // As many events as no answer may read, told one page at a time.
  const many = { ...store, readChunksInRanges: async (range: { readonly afterSeq: number }) => [{ ...chunk, seq: range.afterSeq + 1 }] };
  const chunk = { seq: 1, receivedAtMs: 0, receipts: [], events: new Array(10_000).fill(storedEvent({ timestampMs: 0 })) };
  const api = await startTestApi({ store: many });
  const { status, json } = await api.get("/api/v1/explore/events?metric=votes&from=2026-11-22&to=2026-11-23");
  expect([status, json.type]).toEqual([422, "/problems/unprocessable"]);
  expect(json.detail).toContain("Narrow the range");
  await api.close();
});
