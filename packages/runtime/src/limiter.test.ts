import { expect, test } from "vitest";
import { forEachConcurrently, mapConcurrently } from "./limiter.ts";

async function* stream<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

test("results come in the order of the values, whichever is done first", async () => {
  const ends = [30, 10, 20].map(() => Promise.withResolvers<void>());
  const mapped = mapConcurrently([0, 1, 2], 3, async (i) => {
    await ends[i]?.promise;
    return i * 10;
  });
  for (const i of [2, 0, 1]) ends[i]?.resolve();
  expect(await mapped).toEqual([0, 10, 20]);
});

test("a failure is thrown at once, and the values after it are still worked on", async () => {
  const done: number[] = [];
  const work = async (i: number) => {
    if (i === 1) throw new RangeError("one");
    done.push(i);
  };
  await expect(mapConcurrently([0, 1, 2, 3], 2, work)).rejects.toThrow("one");
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([0, 2, 3]);
});

test("no more run at once than allowed, and all of them run", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachConcurrently(stream(1, 2, 3, 4, 5, 6, 7), 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    done.push(item);
  });
  expect([most, done.length]).toEqual([3, 7]);
});

test("nothing is begun after the first failure, which is thrown", async () => {
  const failing = forEachConcurrently(stream(1, 2, 3), 2, async (item) => {
    if (item === 2) throw new RangeError("two");
  });
  await expect(failing).rejects.toThrow("two");
});
