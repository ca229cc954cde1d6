import { afterEach, expect, test, vi } from "vitest";
import { installHealth, readinessOf } from "./health.ts";
import { createHttpServer } from "./http-server.ts";

const silent = { write: () => {} };

afterEach(() => void vi.useRealTimers());

test("a request for readiness runs the checks again if none are running", async () => {
  const app = createHttpServer({ name: "test", logStream: silent });
  let asked = 0;
  installHealth(app, { checks: { store: async () => ({ ok: ++asked !== 2, reason: "the second time" }) } });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await app.inject("/readyz")).statusCode);
  expect(statuses).toEqual([200, 503, 200]);
});

test("a process that began to close says so, with any results of its checks", async () => {
  const app = createHttpServer({ name: "test", logStream: silent });
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const store = async () => {
    entered.resolve();
    await release.promise;
    return { ok: true } as const;
  };
  installHealth(app, { checks: { store } });
  const closing = Promise.withResolvers<void>();
  app.addHook("preClose", async () => closing.resolve());
  const answer = app.inject("/readyz");
  await entered.promise;
  const closed = app.close();
  await closing.promise;
  release.resolve();
  expect((await answer).statusCode).toBe(503);
  expect((await answer).json()).toEqual({
    status: "not ready",
    checks: { store: { ok: true }, process: { ok: false, reason: "closing" } },
  });
  await closed;
});

test("a check that has answered, or failed, leaves no timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await readinessOf({ good: async () => ({ ok: true }), bad: () => Promise.reject(new Error("no")) }, 60_000);
  expect(vi.getTimerCount()).toBe(0);
});

test("a check may take two seconds", async () => {
  const app = createHttpServer({ name: "test", logStream: silent });
  const entered = Promise.withResolvers<void>();
  const store = () => {
    entered.resolve();
    return new Promise<never>(() => {});
  };
  installHealth(app, { checks: { store } });
  await app.ready();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let isAnswered = false;
  const answer = app.inject("/readyz").finally(() => (isAnswered = true));
  await entered.promise;
  await vi.advanceTimersByTimeAsync(1_999);
  expect(isAnswered).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect((await answer).json().checks).toEqual({ store: { ok: false, reason: "no answer within 2000 ms" } });
});
