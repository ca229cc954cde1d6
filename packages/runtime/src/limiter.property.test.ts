import fc from "fast-check";
import { expect, test } from "vitest";
import { createLimiter } from "./limiter.ts";

/** Lets everything go on that waits for nothing but its turn. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Between the end of one and the start of another are some turns of the queue of promises. */
const endAndCome = fc.record({ ticks: fc.nat({ max: 8 }) });

test("in any order of starts and ends, no more tasks run at once than the limit, and each task runs once", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.oneof(fc.constant("come"), fc.constant("look"), fc.nat({ max: 3 }), endAndCome), { minLength: 1, maxLength: 40 }),
      async (max, acts) => {
        const limited = createLimiter(max);
        const begun: number[] = [];
        const open: PromiseWithResolvers<void>[] = [];
        const results: Promise<number | string>[] = [];
        let [running, most] = [0, 0];
        const come = () => {
          const n = results.length;
          const result = limited(async () => {
            begun.push(n);
            running += 1;
            most = Math.max(most, running);
            const ending = Promise.withResolvers<void>();
            open.push(ending);
            await ending.promise.finally(() => (running -= 1));
            return n;
          });
          results.push(result.catch(() => `failed ${n}`));
        };
        // Work may fail as well as succeed: both give their place to the next.
        const end = (at: number) => {
          const [one] = open.splice(at % Math.max(1, open.length), 1);
          if (at % 2 === 0) one?.resolve();
          else one?.reject(new Error("failed"));
        };
        for (const act of acts) {
          if (act === "come") come();
          else if (act === "look") await settle();
          else if (typeof act === "object") {
            end(0);
            for (let tick = 0; tick < act.ticks; tick++) await Promise.resolve();
            come();
          } else end(act);
        }
        await settle();
        for (; open.length > 0; await settle()) end(open.length);
        await Promise.all(results);
        expect(most).toBeLessThanOrEqual(max);
        expect(begun.toSorted((a, b) => a - b)).toEqual(results.map((_, n) => n));
        expect(running).toBe(0);
      },
    ),
    { numRuns: 300 },
  ));

test("a task that arrives while a slot is handed over waits behind the task that gets the slot", async () => {
  const limited = createLimiter(1);
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const ends = [limited(() => first.promise), limited(async () => void order.push("waited"))];
  first.resolve();
  // Between the end of the first and the start of the second are turns of the queue of promises.
  for (let tick = 0; tick < 10; tick++) {
    ends.push(limited(async () => void order.push(`came ${tick}`)));
    await Promise.resolve();
  }
  await Promise.all(ends);
  expect(order).toEqual(["waited", ...Array.from({ length: 10 }, (_, tick) => `came ${tick}`)]);
});

test("as many tasks run at once as the limit allows", async () => {
  const limited = createLimiter(4);
  let running = 0;
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 9 }, () =>
    limited(async () => {
      running += 1;
      await gate.promise;
      running -= 1;
    }),
  );
  await settle();
  expect(running).toBe(4);
  gate.resolve();
  await Promise.all(all);
  expect(running).toBe(0);
});
