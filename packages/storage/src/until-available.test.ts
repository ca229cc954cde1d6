import { expect, test } from "vitest";
import { StoreUnavailableError } from "./event-store.ts";
import { untilAvailable } from "./until-available.ts";

/** Fails so often in one way, then answers; `pauses` is how long was waited between attempts. */
async function attempts(failures: number, error: Error) {
  const pauses: number[] = [];
  let made = 0;
  const work = async () => {
    made += 1;
    if (made <= failures) throw error;
    return "done";
  };
  const outcome = await untilAvailable(work, async (ms) => void pauses.push(ms)).catch((reason: unknown) => reason);
  return { outcome, pauses };
}

test("work is retried every second while the store is unavailable", async () => {
  const error = new StoreUnavailableError("away");
  expect(await attempts(0, error)).toEqual({ outcome: "done", pauses: [] });
  expect(await attempts(3, error)).toEqual({ outcome: "done", pauses: [1_000, 1_000, 1_000] });
});

test("any other error is thrown at once", async () => {
  const error = new Error("a bug");
  expect(await attempts(1, error)).toEqual({ outcome: error, pauses: [] });
});
