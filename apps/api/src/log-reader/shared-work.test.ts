import { expect, test } from "vitest";
import { SharedWork } from "./shared-work.ts";

const settled = () => new Promise(setImmediate);

/** Work that ends when the test says so, or when nobody waits any more. */
function setUp() {
  const work = new SharedWork<string>();
  const started: { readonly key: string; readonly end: (result: string) => void; readonly fail: (error: Error) => void; ended: boolean }[] =
    [];
  const join = (key: string, signal?: AbortSignal) =>
    work.join(
      key,
      (ending) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        const one = { key, end: resolve, fail: reject, ended: false };
        started.push(one);
        ending.addEventListener("abort", () => {
          one.ended = true;
          resolve("cancelled");
        });
        return promise;
      },
      signal,
    );
  return { join, started };
}

test("equal work that runs is done once for all who wait, and again for those who come later", async () => {
  const { join, started } = setUp();
  const waiting = [join("a"), join("a"), join("b"), join("a")];
  expect(started.map(({ key }) => key)).toEqual(["a", "b"]);
  for (const { key, end } of started) end(key);
  expect(await Promise.all(waiting)).toEqual(["a", "a", "b", "a"]);
  void join("a");
  expect(started).toHaveLength(3);
});

test("one who leaves ends nothing while others wait, and the last who leaves ends it", async () => {
  const { join, started } = setUp();
  const callers = [new AbortController(), new AbortController(), new AbortController()];
  const [first, second, last] = callers.map(({ signal }) => join("a", signal));
  callers[0]?.abort();
  callers[1]?.abort();
  expect([await first, await second, started[0]?.ended]).toEqual([null, null, false]);
  callers[2]?.abort();
  expect(started[0]?.ended).toBe(true);
  expect(await last).toBe("cancelled");
});

test("work that nobody waited for any more is begun anew", async () => {
  const { join, started } = setUp();
  const leaving = new AbortController();
  const left = join("a", leaving.signal);
  leaving.abort();
  const later = join("a");
  expect(started).toHaveLength(2);
  started[1]?.end("answer");
  expect([await left, await later]).toEqual(["cancelled", "answer"]);
});

test("a failure is that of all who wait, and of nobody later", async () => {
  const { join, started } = setUp();
  const waiting = Promise.allSettled([join("a"), join("a")]);
  started[0]?.fail(new Error("lost"));
  expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const later = join("a");
  started[1]?.end("answer");
  expect(await later).toBe("answer");
  await settled();
});
