import { StoreUnavailableError } from "@trinity/storage/event-store";
import { expect, test } from "vitest";
import { Retrier } from "./retry.ts";

function retrierWith(random: number) {
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  return { retrier: new Retrier({ sleep, random: () => random }), waits };
}

function failing(times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error("busy");
    return calls;
  };
}

test("a call is made again until it is answered; the longest wait doubles from 20 ms up to a second", async () => {
  const { retrier, waits } = retrierWith(0.5);
  expect(await retrier.run(failing(7), () => true)).toBe(8);
  expect(waits).toEqual([10, 20, 40, 80, 160, 320, 500]);
});

test("after twelve attempts the error says that the store is unavailable, and why", async () => {
  const { retrier, waits } = retrierWith(0);
  const failure = await retrier.run(failing(12), () => true).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreUnavailableError);
  expect(failure).toMatchObject({ message: "Error", cause: new Error("busy") });
  expect(waits).toHaveLength(11);
  const rejecting = () => Promise.reject("no error");
  await expect(retrierWith(0).retrier.run(rejecting, () => true)).rejects.toThrow("unknown reason");
});

test("an error that cannot pass is thrown as it is, at once", async () => {
  const { retrier, waits } = retrierWith(0);
  await expect(retrier.run(failing(1), () => false)).rejects.toThrow("busy");
  expect(waits).toEqual([]);
});

test("when nearly everything fails, the budget is spent and calls give up at their first failure, until some are answered again", async () => {
  const { retrier, waits } = retrierWith(0);
  const attemptsOf = async (times: number) => {
    const before = waits.length;
    await retrier.run(failing(times), () => true).catch(() => undefined);
    return waits.length - before + 1;
  };
  for (let i = 0; i < 90; i++) expect(await attemptsOf(1_000)).toBe(12);
  expect(await attemptsOf(1_000)).toBe(11);
  expect(await attemptsOf(1_000)).toBe(1);
  await attemptsOf(0);
  expect(await attemptsOf(1_000)).toBe(4);
});
