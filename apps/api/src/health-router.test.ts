import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryShadowState } from "@trinity/verification/memory-shadow-state";
import { unthrottled } from "@trinity/verification/replay";
import { verificationCycle } from "@trinity/verification/verification-cycle";
import { expect, test } from "vitest";
import { append, appendAndFold, startTestApi, storedEvent, testNowMs } from "./api-app.testing.ts";
import { ingestionAnswer } from "./ingestion-answer.ts";
import { verificationAnswer } from "./verification-answer.ts";

const zeros = { quarantined: 0, erased: 0, expired: 0 };

test("received is the sum of what became of it, in all and by source", async () => {
  const api = await startTestApi();
  const twice = storedEvent();
  await appendAndFold(
    api.store,
    [twice, storedEvent(), twice, storedEvent({ source: { system: "lambda" } })],
    [{ key: null, source: "app", code: "unknown_type" }],
  );
  const { status, json } = await api.get("/api/v1/health/ingestion");
  expect(status).toBe(200);
  expect(ingestionAnswer.parse(json)).toMatchObject({
    received: 5,
    stored: 3,
    duplicates: 1,
    rejected: 1,
    rejectedByReason: { unknown_type: 1 },
    ...zeros,
  });
  expect(json.bySource).toEqual([
    { source: "app", received: 4, stored: 2, duplicates: 1, rejected: 1, ...zeros },
    { source: "lambda", received: 1, stored: 1, duplicates: 0, rejected: 0, ...zeros },
  ]);
  await api.close();
});

test("the former name gives the same answer", async () => {
  const api = await startTestApi();
  await appendAndFold(api.store, [storedEvent()]);
  const [now, before] = [await api.get("/api/v1/health/ingestion"), await api.get("/api/v1/health/books")];
  expect([before.status, before.json]).toEqual([200, now.json]);
  await api.close();
});

test("an empty store has received nothing", async () => {
  const api = await startTestApi();
  expect((await api.get("/api/v1/health/ingestion")).json).toMatchObject({ received: 0, stored: 0, bySource: [] });
  await api.close();
});

test("the ingestion counts wait for the fold, and say so when it does not come", async () => {
  const store = openMemoryStore();
  let nowMs = Date.UTC(2026, 10, 22);
  const api = await startTestApi({ store, clock: { nowMs: () => nowMs }, sleep: async (ms) => void (nowMs += ms) });
  await append(store, [storedEvent()]);
  const { status, headers } = await api.get("/api/v1/health/ingestion");
  expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
  await api.close();
});

test("before the first cycle every bucket is pending; afterwards verified, and what was set right is shown without naming anybody", async () => {
  const api = await startTestApi();
  const { store } = api;
  await appendAndFold(store, [storedEvent(), storedEvent()]);
  const read = async () => verificationAnswer.parse((await api.get("/api/v1/health/verification")).json);
  const first = await read();
  expect(first).toMatchObject({ verified: 0, repaired: 0, lastCycleAt: null, unsettled: null, frozen: 0, frozenBefore: null });
  expect(first.buckets).toBeGreaterThan(0);
  expect(first.pending).toBe(first.buckets);

  const shadowState = openMemoryShadowState();
  const cycle = () => verificationCycle(store, shadowState, { nowMs: () => testNowMs, throttle: unthrottled });
  await cycle();
  const lastCycleAt = new Date(testNowMs).toISOString();
  expect(await read()).toMatchObject({
    verified: first.buckets,
    pending: 0,
    repaired: 0,
    lastCycleAt,
    throughSeq: 1,
    unsettled: 0,
    repairs: 0,
  });

  const key = { table: "cell", set: "vote", tier: "day", bucketMs: testNowMs - (testNowMs % 86_400_000), value: "" } as const;
  const invented = { key: { table: "entity", kind: "user", key: "u_invented" }, stored: null, derived: "{}" } as const;
  const damage = [{ key, stored: null, derived: "[[0,77]]" }, invented];
  await store.commitRepair({ from: await store.readWatermark(), repairedAtMs: 0, repairs: damage });
  await cycle();
  const { lastRepairs, ...repaired } = await read();
  expect(repaired).toMatchObject({ verified: first.buckets - 1, pending: 0, repaired: 1, repairs: 4 });
  const bucketStart = new Date(key.bucketMs).toISOString();
  expect(lastRepairs.slice(0, 2)).toEqual([
    { at: lastCycleAt, table: "cell", set: "vote", tier: "day", bucketStart, change: "changed" },
    { at: lastCycleAt, table: "entity", kind: "user", change: "removed" },
  ]);
  await api.close();
});

test("whoever may not read health does not see verification", async () => {
  const api = await startTestApi();
  expect((await api.get("/api/v1/health/verification", { authorization: `Bearer ${api.key.service}` })).status).toBe(403);
  await api.close();
});
