import pLimit from "p-limit";

/** Runs work when fewer than the limit of calls are running; the others wait in order. */
export type Limiter = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** @param concurrency how many calls run at once, at least 1 */
export function createLimiter(concurrency: number): Limiter {
  return pLimit(concurrency);
}

/** Works on values, `concurrency` at once; a failure is thrown at once, and nothing is begun after it. @returns results in the order of the values */
export function mapConcurrently<Value, Mapped>(
  values: readonly Value[],
  concurrency: number,
  work: (value: Value) => Promise<Mapped>,
): Promise<readonly Mapped[]> {
  const limit = pLimit(concurrency);
  return limit.map(values, (value) =>
    work(value).catch((error: unknown) => {
      limit.clearQueue();
      throw error;
    }),
  );
}

/** Works on a stream, `concurrency` at once. After the first failure nothing is begun, and it is thrown once all running work has ended. */
export async function forEachConcurrently<Item>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const item of items) {
      const task = work(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= concurrency) await Promise.race(running);
      if (failures.length > 0) break;
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
