import { expect, test } from "vitest";
import { createFoldNews } from "./fold-news.ts";

/** News whose timers run out when the test says so. */
function setUp() {
  const pauses: { readonly ms: number; readonly signal: AbortSignal; readonly elapse: () => void }[] = [];
  const news = createFoldNews((ms, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => reject(signal.reason));
    pauses.push({ ms, signal, elapse: resolve });
    return promise;
  });
  return { news, pauses };
}

/** Whether a wait is over once all has run that waits for nothing. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => (over = true));
  await new Promise(setImmediate);
  return over;
}

test("without news a wait lasts as long as was asked for", async () => {
  const { news, pauses } = setUp();
  const wait = news.wait(500);
  expect([await isOver(wait), pauses.map(({ ms }) => ms)]).toEqual([false, [500]]);
  pauses[0]?.elapse();
  expect(await isOver(wait)).toBe(true);
});

test.each(["more", "stop"] as const)("%s ends a wait at once, and its timer", async (command) => {
  const { news, pauses } = setUp();
  const wait = news.wait(500);
  news.receive(command);
  expect([await isOver(wait), pauses[0]?.signal.aborted]).toEqual([true, true]);
});

test("news that came before a wait ends it at once and starts no timer, until it is taken", async () => {
  const { news, pauses } = setUp();
  news.receive("more");
  expect([await isOver(news.wait(500)), pauses.length]).toEqual([true, 0]);
  news.take();
  expect([await isOver(news.wait(500)), pauses.length]).toEqual([false, 1]);
});

test("commits are counted one by one, and told to stop is no commit", () => {
  const { news } = setUp();
  expect([news.take(), news.isStopping()]).toEqual([0, false]);
  news.receive("more");
  news.receive("more");
  expect([news.take(), news.take(), news.isStopping()]).toEqual([2, 2, false]);
  news.receive("stop");
  expect([news.take(), news.isStopping()]).toEqual([2, true]);
});

test("news ends a wait also where its timer says nothing any more once it was ended", async () => {
  const news = createFoldNews(() => new Promise(() => {}));
  const wait = news.wait(500);
  news.receive("more");
  expect(await isOver(wait)).toBe(true);
});
