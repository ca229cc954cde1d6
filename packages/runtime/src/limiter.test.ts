import fc from "fast-check";
import { expect, test } from "vitest";
import { forEachConcurrently, mapConcurrently } from "./limiter.ts";

async function* stream<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

test("results are in the order of the values, whichever task ends first", async () => {
  const ends = [30, 10, 20].map(() => Promise.withResolvers<void>());
  const mapped = mapConcurrently([0, 1, 2], 3, async (i) => {
    await ends[i]?.promise;
    return i * 10;
  });
  for (const i of [2, 0, 1]) ends[i]?.resolve();
  expect(await mapped).toEqual([0, 10, 20]);
});

test("a failure is thrown at once, and no task starts after it", async () => {
  const gate = Promise.withResolvers<void>();
  const begun: number[] = [];
  const work = async (i: number) => {
    begun.push(i);
    if (i === 1) throw new RangeError("one");
    await gate.promise;
  };
  await expect(mapConcurrently([0, 1, 2, 3], 2, work)).rejects.toThrow("one");
  gate.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
});

test("no more tasks run at once than the limit, each value is taken once, and results keep the order", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), async (values, atOnce) => {
      let [running, most] = [0, 0];
      const results = await mapConcurrently(values, atOnce, async (value) => {
        running += 1;
        most = Math.max(most, running);
        for (let tick = 0; tick <= value % 3; tick++) await Promise.resolve();
        running -= 1;
        return value + 1;
      });
      expect(results).toEqual(values.map((value) => value + 1));
      expect(most).toBe(Math.min(atOnce, values.length));
    }),
    { numRuns: 100 },
  ));

test("no more tasks run at once than the limit, and all of them run", async () => {
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

test("no task starts after the first failure, which is thrown", async () => {
  const failing = forEachConcurrently(stream(1, 2, 3), 2, async (item) => {
    if (item === 2) throw new RangeError("two");
  });
  await expect(failing).rejects.toThrow("two");
});
