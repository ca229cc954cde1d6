import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { AskedIn, Query } from "@trinity/query/query";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { startTestApi, testNowMs } from "../api-app.testing.ts";
import { BusyError } from "./busy-error.ts";
import { takingTurns } from "./fair-query.ts";

type AnyResult = Result<Answer<never>, QueryFailure>;

/** Heavy questions that are answered when the test says so, each taking so long by the clock. */
function setUp() {
  let nowMs = 0;
  const running: { readonly days: number; readonly end: (tookMs?: number) => Promise<void> }[] = [];
  const started: number[] = [];
  const heavy = {
    answer: (question: { readonly fromMs: number }, _caller: unknown, _nowMs: number, signal?: AbortSignal) => {
      const { promise, resolve } = Promise.withResolvers<AnyResult>();
      started.push(question.fromMs);
      const end = async (tookMs = 0) => {
        nowMs += tookMs;
        running.splice(running.indexOf(one), 1);
        resolve(ok({ data: question.fromMs } as never));
        await settled();
      };
      const one = { days: question.fromMs, end };
      running.push(one);
      signal?.addEventListener("abort", () => resolve(failed({ kind: "cancelled" })));
      return promise;
    },
  } as unknown as Query;
  const query = takingTurns(heavy, { nowMs: () => nowMs });
  const ask = (n: number, request: AskedIn, signal?: AbortSignal) =>
    query.answer({ kind: "paths", fromMs: n } as never, { role: "admin" }, 0, signal, request);
  return { ask, running, started };
}

const settled = () => new Promise(setImmediate);

test("the questions of one request are answered one after another, equal ones once", async () => {
  const { ask, running, started } = setUp();
  const request = { caller: "a" };
  const answers = Promise.all([1, 2, 1, 3, 2, 1].map((n) => ask(n, request)));
  const atOnce: number[] = [];
  while (running.length > 0) {
    atOnce.push(running.length);
    await running[0]?.end();
  }
  expect([started, atOnce]).toEqual([
    [1, 2, 3],
    [1, 1, 1],
  ]);
  expect((await answers).map((result) => result.ok && result.value.data)).toEqual([1, 2, 1, 3, 2, 1]);
});

test("the same question in another request is asked again", async () => {
  const { ask, started } = setUp();
  void ask(1, { caller: "a" });
  void ask(1, { caller: "a" });
  expect(started).toEqual([1, 1]);
});

test("after 30 seconds a request starts no further question: those are told to ask again, and another request is not", async () => {
  const { ask, running } = setUp();
  const request = { caller: "a" };
  const answers = Promise.allSettled([1, 2, 3, 4].map((n) => ask(n, request)));
  await running[0]?.end(29_999);
  await running[0]?.end(1);
  const [first, second, third, fourth] = await answers;
  expect([first?.status, second?.status]).toEqual(["fulfilled", "fulfilled"]);
  for (const refused of [third, fourth]) {
    expect(refused).toMatchObject({ status: "rejected", reason: { retryAfterS: 1 } });
    expect((refused as PromiseRejectedResult).reason).toBeInstanceOf(BusyError);
  }
  void ask(3, { caller: "a" });
  expect(running).toHaveLength(1);
});

test("a caller with a hundred questions waiting does not delay the one of another", async () => {
  const { ask, running, started } = setUp();
  for (let n = 1; n <= 100; n++) void ask(n, { caller: "many" });
  void ask(1_000, { caller: "one" });
  expect(started).toEqual([1, 2, 1_000]);
  expect(running).toHaveLength(3);
});

test("a caller with a hundred questions waiting is told to come later, others are not; nor is that caller once one was answered", async () => {
  const { ask, running } = setUp();
  const many = Array.from({ length: 102 }, (_, n) => ask(n, { caller: "many" }));
  await expect(ask(200, { caller: "many" })).rejects.toMatchObject({ retryAfterS: 5 });
  void ask(1_000, { caller: "one" });
  await running[0]?.end();
  void ask(201, { caller: "many" });
  await settled();
  expect(many).toHaveLength(102);
});

test("when all callers together have too many questions waiting, the next is told to come later", async () => {
  const { ask } = setUp();
  for (let n = 0; n < 404; n++) void ask(n, { caller: `caller ${n}` });
  await expect(ask(1, { caller: "late" })).rejects.toBeInstanceOf(BusyError);
});

test("a caller who leaves makes room at once, whether the question waits or runs", async () => {
  const { ask, started } = setUp();
  const leaving = new AbortController();
  const request = { caller: "a" };
  const left = [1, 2, 3].map((n) => ask(n, request, leaving.signal));
  const stays = [ask(4, { caller: "a" }), ask(5, { caller: "a" })];
  expect(started).toEqual([1, 4]);
  leaving.abort();
  await settled();
  expect(started).toEqual([1, 4, 5]);
  for (const answer of left) expect(await answer).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  expect(stays).toHaveLength(2);
  await expect(ask(6, request, leaving.signal)).rejects.toThrow(/abort/);
});

test("a question that fails makes room for the next", async () => {
  const asked: number[] = [];
  const heavy = {
    answer: async ({ fromMs }: { readonly fromMs: number }) => {
      asked.push(fromMs);
      throw new TypeError("a bug");
    },
  } as unknown as Query;
  const query = takingTurns(heavy, { nowMs: () => 0 });
  const request = { caller: "a" };
  const answers = [1, 2].map((fromMs) => query.answer({ kind: "paths", fromMs } as never, { role: "admin" }, 0, undefined, request));
  expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(asked).toEqual([1, 2]);
});

const json = { "content-type": "application/json" };

test("the calls of a batch are one request, and one that is refused says when to ask again, over both surfaces", async () => {
  const requests: (AskedIn | undefined)[] = [];
  const logReader = {
    answer: async (_question: unknown, _caller: unknown, _nowMs: number, _signal: unknown, request?: AskedIn) => {
      requests.push(request);
      throw new BusyError("Ask the others in a request of their own.", 7);
    },
  } as unknown as Query;
  const api = await startTestApi({ logReader });
  const input = { from: new Date(testNowMs - 86_400_000).toISOString(), to: new Date(testNowMs).toISOString(), steps: ["vote_content"] };
  const batch = await api.send("POST", "/trpc/funnels.query,funnels.query?batch=1", JSON.stringify({ 0: input, 1: input }), json);
  expect(batch.headers.get("retry-after")).toBe("7");
  expect(batch.json.map((one: { error: { data: unknown } }) => one.error.data)).toMatchObject(
    Array(2).fill({ httpStatus: 503, problem: { detail: "Ask the others in a request of their own." } }),
  );
  const rest = await api.send("POST", "/api/v1/funnels/query", JSON.stringify(input));
  expect([rest.status, rest.headers.get("retry-after"), rest.json.detail]).toEqual([503, "7", "Ask the others in a request of their own."]);
  expect([requests[0] === requests[1], requests[1] === requests[2], requests[0]?.caller === requests[2]?.caller]).toEqual([
    true,
    false,
    true,
  ]);
  await api.close();
});
