import { seededRandom } from "@trinity/testing/seeded-random";
import { expect, test } from "vitest";
import type { DataOperation } from "./data-operation.testing.ts";
import { checkedRates, type Fault, faultByChance, noFaults, standardRates } from "./fault-choice.testing.ts";

test.each<[DataOperation, Partial<Record<Fault, number>>]>([
  ["PutItem", { throttled: 300, conflict: 200, timeoutAfterEffect: 100, redelivered: 50 }],
  ["TransactWriteItems", { throttled: 300, conflict: 200, timeoutAfterEffect: 100, redelivered: 50 }],
  ["BatchWriteItem", { throttled: 300, timeoutAfterEffect: 100, redelivered: 50 }],
  ["Query", { throttled: 300, timeoutAfterEffect: 100 }],
])("each fault befalls its share of the %s requests, and none for which it is not possible", (operation, shares) => {
  const befallen = new Map<Fault | null, number>();
  for (let i = 0; i < 1_000; i += 1) {
    const fault = faultByChance(operation, standardRates, (i + 0.5) / 1_000);
    befallen.set(fault, (befallen.get(fault) ?? 0) + 1);
  }
  befallen.delete(null);
  expect(Object.fromEntries(befallen)).toEqual(shares);
});

test("without rates nothing befalls any request", () => {
  expect(faultByChance("PutItem", noFaults, 0)).toBeNull();
});

test("rates below 0 or together above 1 are refused", () => {
  expect(() => checkedRates({ ...noFaults, throttled: -0.1 })).toThrow(RangeError);
  expect(() => checkedRates({ ...noFaults, throttled: 0.6, conflict: 0.5 })).toThrow(RangeError);
  expect(checkedRates({ ...noFaults, throttled: 0.7, conflict: 0.2, serverError: 0.1 })).toBeDefined();
});

test("a seed says every number, each in [0, 1), and another seed says others", () => {
  const first = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
  expect(first(1).every((number) => number >= 0 && number < 1)).toBe(true);
});
