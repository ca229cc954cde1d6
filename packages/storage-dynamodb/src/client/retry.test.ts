import { StoreUnavailableError } from "@trinity/storage/event-store";
import { expect, test } from "vitest";
import { Retrier, type RetrySettings } from "./retry.ts";

function retrierWith(random: number, change: Partial<RetrySettings> = {}) {
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const settings = { attemptsMax: 5, baseMs: 10, capMs: 50, pause, random: () => random, ...change };
  return { retrier: new Retrier(settings), pauses };
}

function failing(times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error("busy");
    return calls;
  };
}

test("a call is retried until it succeeds; each pause is a share of a bound that doubles up to a limit", async () => {
  const { retrier, pauses } = retrierWith(0.5);
  expect(await retrier.run(failing(4), () => "retry")).toBe(5);
  expect(pauses).toEqual([10, 20, 25, 25]);
});

test("a pause may be zero, so that clients throttled together do not return together", async () => {
  const { retrier, pauses } = retrierWith(0);
  await retrier.run(failing(2), () => "retry");
  expect(pauses).toEqual([0, 0]);
});

test("after the last attempt the store is unavailable, with the cause", async () => {
  const { retrier } = retrierWith(0);
  const failure = await retrier.run(failing(5), () => "retry").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreUnavailableError);
  expect(failure).toMatchObject({ message: "Error", cause: new Error("busy") });
  await expect(
    retrierWith(0).retrier.run(
      () => Promise.reject("no error"),
      () => "retry",
    ),
  ).rejects.toThrow("unknown reason");
});

test("an error that cannot succeed later is thrown unchanged, at once", async () => {
  const { retrier, pauses } = retrierWith(0);
  await expect(retrier.run(failing(1), () => "give up")).rejects.toThrow("busy");
  expect(pauses).toEqual([]);
});

test("when nearly everything fails, the budget is used up and calls give up at their first failure, until some succeed again", async () => {
  const { retrier } = retrierWith(0, { attemptsMax: 100 });
  const attemptsOf = async (times: number) => {
    let attempts = 0;
    const call = failing(times);
    await retrier
      .run(
        () => {
          attempts += 1;
          return call();
        },
        () => "retry",
      )
      .catch(() => undefined);
    return attempts;
  };
  for (let i = 0; i < 10; i++) expect(await attemptsOf(1_000)).toBe(100);
  expect(await attemptsOf(1_000)).toBe(11);
  expect(await attemptsOf(1_000)).toBe(1);
  await attemptsOf(0);
  expect(await attemptsOf(1_000)).toBe(4);
});
