import { expect, test } from "vitest";
import { awaitReadiness, type ReadinessAnswer } from "./await-readiness.ts";

const ready: ReadinessAnswer = { status: 200, body: { checks: { store: { ok: true } } } };
const notReady = (reason: string): ReadinessAnswer => ({
  status: 503,
  body: { checks: { store: { ok: false, reason }, log: { ok: false, reason }, fold: { ok: true } } },
});

/** Waits for two processes that answer as `answerOf` says; only pauses advance the clock. */
function waiting(answerOf: (process: string, nowMs: number) => ReadinessAnswer | null) {
  let nowMs = 0;
  const asking = new AbortController();
  const lines: string[] = [];
  const done = awaitReadiness({
    urls: { ingest: "http://ingest", api: "http://api" },
    ask: async (url) => {
      const answer = answerOf(url.replace("http://", "").replace("/readyz", ""), nowMs);
      if (answer === null) throw new Error("refused");
      return answer;
    },
    clock: { nowMs: () => nowMs },
    sleep: async (ms) => {
      nowMs += ms;
      if (nowMs >= 60_000) asking.abort();
    },
    say: (line) => lines.push(line),
    signal: asking.signal,
  });
  return { done, lines, nowMs: () => nowMs };
}

test("once all processes are ready the wait ends, and no line is printed", async () => {
  const one = waiting(() => ready);
  expect([await one.done, one.lines, one.nowMs()]).toEqual([true, [], 0]);
});

test("while one process is not ready none counts as ready, however long that takes", async () => {
  const one = waiting((process, nowMs) => (process === "api" && nowMs < 40_000 ? notReady("log.db cannot be read (EACCES)") : ready));
  expect(await one.done).toBe(true);
  expect(one.nowMs()).toBe(40_000);
});

test("a process that is not ready is named once with each reason that it gives, and not in the first seconds", async () => {
  const one = waiting((process, nowMs) => {
    if (process === "ingest") return nowMs < 1_000 ? notReady("it starts") : ready;
    return notReady(nowMs < 20_000 ? "log.db cannot be read (EACCES)" : "the disk is full");
  });
  expect(await one.done).toBe(false);
  expect(one.lines).toEqual(["waiting: api is not ready: log.db cannot be read (EACCES)", "waiting: api is not ready: the disk is full"]);
});

test("a process that does not answer, or answers without a reason, is not ready either", async () => {
  const one = waiting((process) => (process === "api" ? null : { status: 500, body: {} }));
  expect(await one.done).toBe(false);
  expect(one.lines.toSorted()).toEqual(["waiting: api is not ready: it does not answer", "waiting: ingest is not ready: it answers 500"]);
});
