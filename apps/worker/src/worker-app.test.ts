import { openMemoryStore } from "@trinity/storage/memory-event-store";
import { expect, test } from "vitest";
import { createWorkerApp } from "./worker-app.ts";

const settings = { http: { logLevel: "silent" }, processMetrics: async () => "" };

test("says how many commits wait to be folded", async () => {
  const store = openMemoryStore();
  await store.append({ receivedAtMs: 1, events: [], refusals: [{ key: null, source: "app", code: "missing_event_id" }] });
  const app = createWorkerApp({ ...settings, store, checks: {} });
  expect((await app.inject("/metrics")).body).toContain("trinity_worker_unfolded_chunks 1");
});

test("is not ready while its store does not answer", async () => {
  const app = createWorkerApp({ ...settings, store: openMemoryStore(), checks: { store: () => Promise.reject(new Error("no file")) } });
  expect((await app.inject("/readyz")).statusCode).toBe(503);
  expect((await app.inject("/healthz")).statusCode).toBe(200);
});
