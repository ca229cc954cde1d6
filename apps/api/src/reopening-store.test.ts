import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryStore } from "@trinity/storage/memory-event-store";
import { expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, testNowMs } from "./api-app.testing.ts";
import { reopeningStore } from "./reopening-store.ts";

test("until its files are there a store answers 503 with Retry-After and is not ready; then it recovers by itself", async () => {
  let files: EventStore | null = null;
  let nowMs = testNowMs;
  const clock = { nowMs: () => nowMs };
  const store = reopeningStore(() => {
    if (files === null) throw new StoreUnavailableError("log.db is not there yet");
    return files;
  }, clock);
  const checks = { store: () => store.readRollups([]).then(() => ({ ok: true }) as const) };
  const api = await startTestApi({ store, clock, checks });
  const query = "/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&granularity=total";

  const before = await api.get(query);
  expect([before.status, before.json.type, before.headers.get("retry-after")]).toEqual([503, "/problems/unavailable", "1"]);
  expect((await api.get("/readyz", {})).status).toBe(503);
  expect((await api.get("/healthz", {})).status).toBe(200);
  expect((await api.get("/metrics", {})).text).toContain("trinity_store_readable 0");
  expect((await api.get("/api/v1/live/events")).status).toBe(503);

  files = openMemoryStore();
  await appendAndFold(files, [storedEvent()]);
  nowMs += 500;
  expect((await api.get(query)).json.totals[0].value).toBe(1);
  expect((await api.get("/readyz", {})).status).toBe(200);
  await api.close();
});

test("a store that fails for good is not mistaken for one that is not there yet", async () => {
  const store = reopeningStore(() => {
    throw new RangeError("damaged");
  }, { nowMs: () => 0 });
  await expect(store.headSeq()).rejects.toThrow(RangeError);
});

test("while there is nothing to open, it is looked for twice a second at most", async () => {
  let looked = 0;
  let nowMs = 0;
  const store = reopeningStore(
    () => {
      looked += 1;
      throw new StoreUnavailableError("not yet");
    },
    { nowMs: () => nowMs },
  );
  for (; nowMs < 2_000; nowMs += 10) await store.headSeq().catch(() => undefined);
  expect(looked).toBe(4);
});
