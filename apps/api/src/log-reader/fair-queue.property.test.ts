import fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue.ts";

const limits = { runningMax: 3, runningOfCallerMax: 2, waitingMax: 30, waitingOfCallerMax: 10 };
type Item = { readonly request: { readonly caller: string }; readonly n: number };

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), request: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("take" as const, "end" as const, "leave" as const), which: fc.nat(40) }) },
);

test("whatever comes and goes: one of a request and two of a caller run at once, nobody may run who is not let, and a caller's own order holds", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const requests = Array.from({ length: 8 }, (_, i) => ({ caller: `caller-${i % 4}` }));
      const queue = new FairQueue<Item>(limits);
      const waiting: Item[] = [];
      const running: Item[] = [];
      const of = (items: readonly Item[], caller: string) => items.filter(({ request }) => request.caller === caller);
      const mayRun = (item: Item) =>
        running.length < limits.runningMax &&
        of(running, item.request.caller).length < limits.runningOfCallerMax &&
        running.every(({ request }) => request !== item.request);
      for (const [n, step] of steps.entries()) {
        if (step.kind === "add") {
          const item = { request: requests[step.request] as Item["request"], n };
          const isFull = waiting.length >= limits.waitingMax || of(waiting, item.request.caller).length >= limits.waitingOfCallerMax;
          expect(queue.add(item)).toBe(!isFull);
          if (!isFull) waiting.push(item);
        } else if (step.kind === "take") {
          const item = queue.take();
          if (item === null) expect(waiting.filter(mayRun)).toEqual([]);
          else {
            expect(mayRun(item)).toBe(true);
            // Of those of its caller that might run, it came first.
            expect(of(waiting, item.request.caller).find(mayRun)).toBe(item);
            waiting.splice(waiting.indexOf(item), 1);
            running.push(item);
          }
        } else if (step.kind === "end") {
          const [item] = running.splice(step.which % Math.max(1, running.length), 1);
          if (item !== undefined) queue.end(item);
        } else {
          const [item] = waiting.splice(step.which % Math.max(1, waiting.length), 1);
          if (item !== undefined) expect([queue.remove(item), queue.remove(item)]).toEqual([true, false]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a caller with many questions waiting delays one of another by no more than what runs", () => {
  const queue = new FairQueue<Item>({ ...limits, runningMax: 1 });
  const many = Array.from({ length: 10 }, (_, n) => ({ request: { caller: "many" }, n }));
  const one = { request: { caller: "one" }, n: 0 };
  for (const item of many) queue.add(item);
  const first = queue.take() as Item;
  queue.add(one);
  queue.end(first);
  const second = queue.take() as Item;
  queue.end(second);
  const third = queue.take() as Item;
  expect([first, second, third]).toContain(one);
  expect([first, second, third].filter(({ request }) => request.caller === "many")).toHaveLength(2);
});
