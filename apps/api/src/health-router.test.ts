import { openMemoryStore } from "@trinity/storage/memory-event-store";
import { expect, test } from "vitest";
import { append, appendAndFold, startTestApi, storedEvent } from "./api-app.testing.ts";
import { booksAnswer } from "./books.ts";

const zeros = { quarantined: 0, erased: 0, expired: 0 };

test("received is the sum of what became of it, in all and by source", async () => {
  const api = await startTestApi();
  const twice = storedEvent();
  await appendAndFold(
    api.store,
    [twice, storedEvent(), twice, storedEvent({ source: { system: "lambda" } })],
    [{ key: null, source: "app", code: "unknown_type" }],
  );
  const { status, json } = await api.get("/api/v1/health/books");
  expect(status).toBe(200);
  expect(booksAnswer.parse(json)).toMatchObject({
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

test("an empty store has empty books", async () => {
  const api = await startTestApi();
  expect((await api.get("/api/v1/health/books")).json).toMatchObject({ received: 0, stored: 0, bySource: [] });
  await api.close();
});

test("the books wait for the fold, and say so when it does not come", async () => {
  const store = openMemoryStore();
  let nowMs = Date.UTC(2026, 10, 22);
  const api = await startTestApi({ store, clock: { nowMs: () => nowMs }, pause: async (ms) => void (nowMs += ms) });
  await append(store, [storedEvent()]);
  const { status, headers } = await api.get("/api/v1/health/books");
  expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
  await api.close();
});
