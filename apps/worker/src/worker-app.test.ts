import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryShadowState } from "@trinity/verification/memory-shadow-state";
import { unthrottled } from "@trinity/verification/replay";
import { verificationCycle } from "@trinity/verification/verification-cycle";
import { expect, test } from "vitest";
import { createWorkerApp } from "./worker-app.ts";

const settings = { readLogCheck: async () => null, segmentsDir: null, http: { logLevel: "silent" }, processMetrics: async () => "" };

test("shows how many chunks are not folded yet", async () => {
  const store = openMemoryStore();
  await store.append({ receivedAtMs: 1, events: [], rejections: [{ key: null, source: "app", code: "missing_event_id" }] });
  const { http: app } = createWorkerApp({ ...settings, store, checks: {} });
  expect((await app.inject("/metrics")).body).toContain("trinity_worker_unfolded_chunks 1");
});

test("is not ready while its store does not answer", async () => {
  const checks = { store: () => Promise.reject(new Error("no file")) };
  const { http: app } = createWorkerApp({ ...settings, store: openMemoryStore(), checks });
  expect((await app.inject("/readyz")).statusCode).toBe(503);
  expect((await app.inject("/healthz")).statusCode).toBe(200);
});

test("shows buckets by state, cycles, repairs and the last cycle; before the first there is no last", async () => {
  const store = openMemoryStore();
  await store.append(batchOf([newEvent("a")]));
  await foldAll(store, () => noonMs);
  const { http: app, countCycle } = createWorkerApp({ ...settings, store, checks: {} });
  const { buckets } = await store.readVerification();
  const before = (await app.inject("/metrics")).body;
  expect(before).toContain(`trinity_verification_buckets{state="pending"} ${buckets}\n`);
  expect(before).toContain('trinity_verification_cycles_total{outcome="failed"} 0\n');
  expect(before).not.toMatch(/^trinity_verification_last_cycle/m);

  await verificationCycle(store, openMemoryShadowState(), { nowMs: () => noonMs, throttle: unthrottled });
  countCycle("clean");
  const after = (await app.inject("/metrics")).body;
  expect(after).toContain(`trinity_verification_buckets{state="verified"} ${buckets}\n`);
  expect(after).toContain('trinity_verification_cycles_total{outcome="clean"} 1\n');
  expect(after).toContain("trinity_verification_repairs 0\n");
  expect(after).toContain(`trinity_verification_last_cycle_timestamp_seconds ${noonMs / 1_000}\n`);
});

test("its pages allow only GET: any other method gets 405 with Allow", async () => {
  const { http: app } = createWorkerApp({ ...settings, store: openMemoryStore(), checks: {} });
  for (const url of ["/metrics", "/healthz", "/readyz"]) {
    const { statusCode, headers } = await app.inject({ method: "POST", url });
    expect([statusCode, headers.allow], url).toEqual([405, "GET"]);
  }
});
