import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createQuery, type QueryCaller } from "@trinity/query/query";
import type { QuestionOf } from "@trinity/query/questions";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { childrenOf } from "@trinity/testing/process-tree";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appendAndFold, storedEvent, testNowMs } from "../api-app.testing.ts";
import { createLogReader, type LogReader } from "./log-reader.ts";
import { errorOfThrown, thrownErrorOf } from "./thrown-error.ts";

// Starting processes takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const caller: QueryCaller = { role: "admin" };
const dayMs = 86_400_000;
const funnel: QuestionOf<"funnel"> = {
  kind: "funnel",
  steps: ["screen_view", "vote_content"],
  windowMs: dayMs,
  order: "ordered",
  hold: null,
  fromMs: testNowMs - dayMs,
  toMs: testNowMs,
  filters: [],
};

let dataDir: string;
let reader: LogReader;
let troubles: string[];
beforeEach(() => {
  troubles = [];
  dataDir = mkdtempSync(join(tmpdir(), "trinity-log-reader-"));
  reader = createLogReader({ PATH: process.env["PATH"], TRINITY_DATA_DIR: dataDir, TRINITY_LOG_LEVEL: "silent" }, (reason) =>
    troubles.push(reason),
  );
});
afterEach(() => {
  reader.close();
  rmSync(dataDir, { recursive: true });
});

const votes = {
  kind: "metric",
  metric: "votes",
  granularity: "day",
  by: [],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
} as const;

async function filledStore() {
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  await appendAndFold(store, [
    storedEvent({ eventType: "screen_view", timestampMs: testNowMs - 2_000, properties: { screen: "home" } }),
    storedEvent({ timestampMs: testNowMs - 1_000 }),
  ]);
  return store;
}

test("a question gets the answer that this process would give, and refusals are those of this process", async () => {
  const store = await filledStore();
  const here = createQuery({ store, readLogCheck: async () => null });
  const answer = await reader.answer(funnel, caller, testNowMs);
  expect(answer).toEqual(await here.answer(funnel, caller, testNowMs));
  expect(answer).toMatchObject({ ok: true, value: { data: { steps: [{ users: 1 }, { users: 1 }] } } });
  // Larger than one message.
  const byHour = { ...votes, granularity: "hour", fromMs: testNowMs - 400 * dayMs, toMs: testNowMs } as const;
  const manyPoints = await reader.answer(byHour, caller, testNowMs);
  expect(manyPoints).toEqual(await here.answer(byHour, caller, testNowMs));
  expect(manyPoints).toMatchObject({ ok: true, value: { data: { answer: { totals: [{ value: 1 }] } } } });
  const user: QueryCaller = { role: "user" as never };
  expect(await reader.answer(funnel, user, testNowMs)).toEqual(await here.answer(funnel, user, testNowMs));
  await store.close();
});

test("only questions that read the log leave the process of the API", async () => {
  const store = await filledStore();
  const asked: string[] = [];
  const logReader = {
    answer: (question: { readonly kind: string }) => (asked.push(question.kind), reader.answer(question as never, caller, testNowMs)),
  };
  const query = createQuery({ store, readLogCheck: async () => null }, logReader as never);
  const ofDay = { fromMs: testNowMs - (testNowMs % dayMs) - 9 * dayMs, toMs: testNowMs - (testNowMs % dayMs) };
  const covered = await query.answer({ ...votes, ...ofDay }, caller, testNowMs);
  const cut = await query.answer({ ...votes, fromMs: ofDay.fromMs + 1, toMs: ofDay.toMs }, caller, testNowMs);
  expect([covered, cut]).toMatchObject([{ value: { source: "rollups" } }, { value: { source: "log" } }]);
  await query.answer(funnel, caller, testNowMs);
  expect(asked).toEqual(["metric", "funnel"]);
  await store.close();
});

test("while there is no log, it says that it can be asked again, and answers once there is one", async () => {
  await expect(reader.answer(funnel, caller, testNowMs)).rejects.toBeInstanceOf(StoreUnavailableError);
  const store = await filledStore();
  expect(await reader.answer(funnel, caller, testNowMs)).toMatchObject({ ok: true });
  await store.close();
});

test("when its process ends, whoever waits may ask again, and the next question is answered", async () => {
  const store = await filledStore();
  const waiting = reader.answer(funnel, caller, testNowMs);
  for (const pid of childrenOf(process.pid)) process.kill(pid, "SIGKILL");
  await expect(waiting).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(troubles).toEqual(["the process that reads the log ended; the next question starts it again"]);
  expect(await reader.answer(funnel, caller, testNowMs)).toMatchObject({ ok: true });
  await store.close();
});

test("a caller who leaves is answered nothing, and others go on", async () => {
  const store = await filledStore();
  const leaving = new AbortController();
  const left = reader.answer(funnel, caller, testNowMs, leaving.signal);
  leaving.abort();
  expect(await left).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  expect(await reader.answer(funnel, caller, testNowMs)).toMatchObject({ ok: true });
  await store.close();
});

test.each([
  new StoreUnavailableError("the store does not answer"),
  new DamagedDataError("chunk 3 of the log is damaged"),
  new TypeError("a bug"),
])("%s is the same kind of error behind the process", (error) => {
  const again = errorOfThrown(thrownErrorOf(error));
  expect(again.message).toBe(error.message);
  expect(again instanceof StoreUnavailableError).toBe(error instanceof StoreUnavailableError);
  expect(again instanceof DamagedDataError).toBe(error instanceof DamagedDataError);
});
