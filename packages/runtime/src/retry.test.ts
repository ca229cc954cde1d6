import { expect, test } from "vitest";
import { failed, ok } from "./result.ts";
import { RetryBudget, type RetrySettings, retry, retryAfterMs } from "./retry.ts";

/** An attempt that fails so many times. */
function failing(times: number, afterMs = 0) {
  let attempts = 0;
  return {
    attempt: async () => {
      attempts += 1;
      return attempts > times ? ok(attempts) : failed({ afterMs, attempt: attempts });
    },
    attempts: () => attempts,
  };
}

function settingsWith(change: Partial<RetrySettings> = {}) {
  const waits: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    waits.push(ms);
  };
  return { waits, settings: { backoff: { baseMs: 20, capMs: 50, jitter: "full" } as const, sleep, random: () => 0.5, ...change } };
}

test("an attempt is repeated until it succeeds; the longest wait doubles up to the cap", async () => {
  const { waits, settings } = settingsWith();
  expect(await retry(failing(4).attempt, settings)).toEqual(ok(5));
  expect(waits).toEqual([10, 20, 25, 25]);
});

test("the failure of the last attempt is the result", async () => {
  const { waits, settings } = settingsWith({ attemptsMax: 3 });
  expect(await retry(failing(9).attempt, settings)).toMatchObject({ ok: false, error: { attempt: 3 } });
  expect(waits).toHaveLength(2);
});

test("no attempt comes before the time that its failure asks for", async () => {
  const { waits, settings } = settingsWith();
  await retry(failing(3, 15).attempt, settings);
  expect(waits).toEqual([15, 20, 25]);
});

test("an error that an attempt throws is thrown at once", async () => {
  const { waits, settings } = settingsWith();
  const attempt = () => Promise.reject(new RangeError("never"));
  await expect(retry(attempt, settings)).rejects.toThrow("never");
  expect(waits).toEqual([]);
});

test("after the signal aborts there is no further attempt", async () => {
  const stopping = new AbortController();
  const { settings } = settingsWith({ signal: stopping.signal });
  const { attempt, attempts } = failing(9);
  const retried = retry(async () => {
    if (attempts() === 1) stopping.abort(new Error("stopped"));
    return attempt();
  }, settings);
  await expect(retried).rejects.toThrow("stopped");
  expect(attempts()).toBe(2);
  await expect(retry(attempt, settings)).rejects.toThrow("stopped");
  expect(attempts()).toBe(2);
});

test("a spent budget fails calls at their first failure, until some succeed again", async () => {
  const { settings } = settingsWith({ attemptsMax: 100, budget: new RetryBudget(1_000, 3) });
  const attemptsOf = async (times: number) => {
    const { attempt, attempts } = failing(times);
    await retry(attempt, settings);
    return attempts();
  };
  for (let i = 0; i < 10; i++) expect(await attemptsOf(1_000)).toBe(100);
  expect(await attemptsOf(1_000)).toBe(11);
  expect(await attemptsOf(1_000)).toBe(1);
  await attemptsOf(0);
  expect(await attemptsOf(1_000)).toBe(4);
});

test("Retry-After is a number of seconds; a date, a negative number and an absent header are ignored", () => {
  const headers = ["2", "0.5", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", null, undefined];
  expect(headers.map(retryAfterMs)).toEqual([2_000, 500, 0, 0, 0, 0]);
});
