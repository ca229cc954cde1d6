import fc from "fast-check";
import { expect, test } from "vitest";
import { AmountSum } from "./amount-sum.ts";
import { addAmounts, type Vector } from "./vector.ts";

const anyAmounts = fc.array(fc.tuple(fc.oneof(fc.nat(200), fc.nat(2 ** 40)), fc.integer()), { maxLength: 40 }).map((pairs) => pairs.flat());

function entriesOf(sum: AmountSum, from = 0, to = Number.POSITIVE_INFINITY): readonly (readonly [number, number])[] {
  const entries: (readonly [number, number])[] = [];
  sum.forEachIn(from, to, (...entry) => entries.push(entry));
  return entries;
}

function vectorOf(lists: readonly (readonly number[])[]): Vector {
  const vector: Vector = new Map();
  for (const amounts of lists) addAmounts(vector, amounts, 1);
  return vector;
}

test("amounts add up as those of a vector do, one by one or sum by sum, and are told ascending", () => {
  fc.assert(
    fc.property(fc.array(anyAmounts), (lists) => {
      const vector = vectorOf(lists);
      const sum = AmountSum.sumOf(lists.map(AmountSum.of));
      expect(entriesOf(sum)).toEqual([...vector].sort(([a], [b]) => a - b));
      expect(sum.total()).toBe([...vector.values()].reduce((total, amount) => total + amount, 0));
      for (const component of [0, 63, 64, ...vector.keys()]) expect(sum.at(component)).toBe(vector.get(component) ?? 0);
    }),
  );
});

test("only components below a bound are added, and only those in a range are told", () => {
  fc.assert(
    fc.property(anyAmounts, fc.nat(250), fc.nat(250), fc.nat(250), (amounts, below, from, to) => {
      const sum = new AmountSum();
      sum.add(amounts, below);
      const inRange = [...vectorOf([amounts])].filter(([component]) => component < below && component >= from && component < to);
      expect(entriesOf(sum, from, to)).toEqual(inRange.sort(([a], [b]) => a - b));
    }),
  );
});

test("what is made of sums shares nothing with them", () => {
  const part = AmountSum.of([3, 1]);
  const whole = AmountSum.sumOf([part]);
  whole.add([3, 5]);
  expect(part.at(3)).toBe(1);
});
