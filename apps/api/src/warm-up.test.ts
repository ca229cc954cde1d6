import type { Query } from "@trinity/query/query";
import { failed, ok } from "@trinity/runtime/result";
import { describe, expect, test } from "vitest";
import { warmUp } from "./warm-up.ts";

const clock = { nowMs: () => Date.parse("2026-10-31T12:34:56.789Z") };
const sleep = async () => {};

/** @param answers the answer to each question in turn; the last one stands for all that follow */
function askedQuery(...answers: readonly (() => unknown)[]) {
  const asked: Parameters<Query["answer"]>[0][] = [];
  const answer: Query["answer"] = async (question) => (answers[asked.push(question) - 1] ?? answers.at(-1))?.() as never;
  return { asked, query: { answer } };
}

describe("warmUp", () => {
  test("asks both overviews, up to the present, as often as it is told", async () => {
    const { asked, query } = askedQuery(() => ok({}));
    await warmUp({ query, clock, sleep, times: 3 }, new AbortController().signal);
    expect(asked.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => "overview"));
    expect(new Set(asked.map((question) => JSON.stringify(question))).size).toBe(2);
    for (const question of asked) expect(question).toMatchObject({ scope: { toMs: clock.nowMs() } });
  });

  test.each([
    ["fails", () => failed({ kind: "cancelled" })],
    ["throws", () => Promise.reject(new Error("the store is not there yet"))],
  ])("ends when a question %s", async (_, answer) => {
    const { asked, query } = askedQuery(() => ok({}), answer);
    await warmUp({ query, clock, sleep, times: 3 }, new AbortController().signal);
    expect(asked).toHaveLength(2);
  });

  test("asks nothing once it is ended", async () => {
    const { asked, query } = askedQuery(() => ok({}));
    await warmUp({ query, clock, sleep, times: 3 }, AbortSignal.abort());
    expect(asked).toEqual([]);
  });
});
