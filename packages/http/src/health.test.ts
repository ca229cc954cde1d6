import { expect, test } from "vitest";
import { installHealth, type ReadinessCheck } from "./health.ts";
import { createHttpServer } from "./http-server.ts";

const silent = { write: () => {} };

function appWith(checks: Record<string, ReadinessCheck>, checkTimeoutMs = 2_000) {
  const app = createHttpServer({ name: "test", logStream: silent });
  installHealth(app, { checks, checkTimeoutMs });
  return app;
}

test("a process with all dependencies up is ready and shows each", async () => {
  const answer = await appWith({ store: async () => ({ ok: true, detail: "12 ms behind" }), cache: async () => ({ ok: true }) }).inject(
    "/readyz",
  );
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ status: "ready", checks: { store: { ok: true, detail: "12 ms behind" }, cache: { ok: true } } });
});

test("one failing dependency makes it not ready; the others are still shown", async () => {
  const answer = await appWith({ store: async () => ({ ok: false, reason: "disk full" }), cache: async () => ({ ok: true }) }).inject(
    "/readyz",
  );
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({ status: "not ready", checks: { store: { ok: false, reason: "disk full" }, cache: { ok: true } } });
});

test("a check that throws has failed, and its message is not shown", async () => {
  const checks = {
    store: () => Promise.reject(new Error("/srv/data/log.db")),
    cache: () => {
      throw new Error("10.0.0.1");
    },
  };
  const answer = await appWith(checks).inject("/readyz");
  expect(answer.json().checks).toEqual({ store: { ok: false, reason: "check failed" }, cache: { ok: false, reason: "check failed" } });
});

test("a check that hangs makes the process not ready, runs once for all requests, and does not affect liveness", async () => {
  let asked = 0;
  const hang = () => {
    asked++;
    return new Promise<never>(() => {});
  };
  const app = appWith({ writer: hang }, 20);
  const answers = await Promise.all(Array.from({ length: 10 }, () => app.inject("/readyz")));
  for (const answer of answers) {
    expect(answer.statusCode).toBe(503);
    expect(answer.json().checks).toEqual({ writer: { ok: false, reason: "no answer within 20 ms" } });
  }
  expect(asked).toBe(1);
  const alive = await app.inject("/healthz");
  expect([alive.statusCode, alive.json()]).toEqual([200, { status: "ok" }]);
});

test("both addresses allow only GET, and say so", async () => {
  const app = appWith({});
  for (const url of ["/healthz", "/readyz"] as const) {
    const answer = await app.inject({ method: "POST", url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, "GET"]);
  }
});
