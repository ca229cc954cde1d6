import fc from "fast-check";
import { expect, test } from "vitest";
import { AmountSum } from "./amount-sum.ts";
import { binOf, histogramRelativeError, quantileOf, valueOfBin } from "./histogram.ts";

const firstBin = 16;
/** What rounding adds to the error at the very edge of a bin. */
const rounding = 1e-8;

function histogramOf(values: readonly number[]): AmountSum {
  return AmountSum.of([0, values.length, ...values.flatMap((value) => [firstBin + binOf(value), 1])]);
}

const errorOf = (read: number, value: number) => (value === 0 ? read : Math.abs(read - value) / value);

test("every integer up to a million is read back within half a per cent", () => {
  let largest = 0;
  for (let value = 0; value <= 1_000_000; value++) largest = Math.max(largest, errorOf(valueOfBin(binOf(value)), value));
  expect(largest).toBeLessThanOrEqual(histogramRelativeError + rounding);
  expect(histogramRelativeError).toBe(0.005);
});

test("values of any size are read back within half a per cent, and larger ones never lie in a smaller bin", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      expect(errorOf(valueOfBin(binOf(a)), a)).toBeLessThanOrEqual(histogramRelativeError + rounding);
      expect(binOf(Math.min(a, b))).toBeLessThanOrEqual(binOf(Math.max(a, b)));
    }),
    { numRuns: 2_000 },
  );
});

test("only zero is in the bin of zero", () => {
  expect([0, 1].map((value) => valueOfBin(binOf(value)) === 0)).toEqual([true, false]);
});

test("a quantile is the value at rank ceil(q n) of the sorted values", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 60 }), fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (values, q) => {
      const sorted = values.toSorted((a, b) => a - b);
      const truth = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number;
      expect(errorOf(quantileOf(histogramOf(values), firstBin, q) as number, truth)).toBeLessThanOrEqual(histogramRelativeError + rounding);
    }),
    { numRuns: 500 },
  );
});

test("there is no quantile of nothing", () => {
  expect(quantileOf(AmountSum.of([0, 5]), firstBin, 0.5)).toBeNull();
});
