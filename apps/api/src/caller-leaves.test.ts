import { request } from "node:http";
import type { Query } from "@trinity/query/query";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent } from "./api-app.testing.ts";

const funnel = JSON.stringify({ from: "2026-11-16", to: "2026-11-23", steps: ["vote_content"] });

test("a caller who leaves ends the work on the answer, one who waits does not", async () => {
  const asked = Promise.withResolvers<AbortSignal | undefined>();
  const answers: Promise<never>[] = [];
  const logReader = {
    answer: (_question: unknown, _caller: unknown, _nowMs: number, signal?: AbortSignal) => {
      asked.resolve(signal);
      const never = Promise.withResolvers<never>();
      answers.push(never.promise);
      return never.promise;
    },
  } as Query;
  const api = await startTestApi({ logReader });
  const asking = request(`${api.url}/api/v1/funnels/query`, { method: "POST", headers: headersOf(api.key.admin) });
  asking.on("error", () => {});
  asking.end(funnel);
  const signal = await asked.promise;
  expect(signal?.aborted).toBe(false);
  const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
  asking.destroy();
  await aborted;
  expect(answers).toHaveLength(1);
  await api.close();
});

test("an answer to a question with a body is not taken for one that nobody waits for", async () => {
  const store = openMemoryStore();
  await appendAndFold(store, [storedEvent()]);
  const signals: (AbortSignal | undefined)[] = [];
  const api = await startTestApi({ store });
  const { answer } = api.resources.query;
  Object.assign(api.resources.query, {
    answer: (...all: Parameters<typeof answer>) => (signals.push(all[3]), answer(...all)),
  });
  expect((await api.send("POST", "/api/v1/funnels/query", funnel)).status).toBe(200);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  await api.close();
});

const headersOf = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });
