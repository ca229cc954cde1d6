import { forEachConcurrently } from "@trinity/runtime/limiter";
import { expect, test } from "vitest";
import { batchesOf } from "./batches.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("batches keep the order and contain every item, the last batch the rest", async () => {
  expect(await collect(batchesOf([1, 2, 3, 4, 5], { itemsMax: 2 }))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await collect(batchesOf([], { itemsMax: 2 }))).toEqual([]);
});

test("no batch is larger than its bytes, unless a single item is", async () => {
  const bytes = { max: 5, of: (item: number) => item };
  expect(await collect(batchesOf([1, 2, 3, 9, 5, 1], { itemsMax: 2, bytes }))).toEqual([[1, 2], [3], [9], [5], [1]]);
});

test("items before a failure of the stream are yielded and processed, and then the failure is thrown", async () => {
  async function* failing() {
    yield 1;
    yield 2;
    yield 3;
    throw new RangeError("torn");
  }
  const done: number[] = [];
  const work = forEachConcurrently(batchesOf(failing(), { itemsMax: 2 }), 2, async (batch) => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(...batch);
  });
  await expect(work).rejects.toThrow("torn");
  expect(done).toEqual([1, 2, 3]);
});
