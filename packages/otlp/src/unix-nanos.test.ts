import fc from "fast-check";
import { expect, test } from "vitest";
import { durationUsBetween, isWithinYear9999, nanosFromDecimal, nanosFromHalves, nanosText } from "./unix-nanos.ts";

const anyNanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const halvesOf = (nanos: bigint) => nanosFromHalves(Number(nanos >> 32n), Number(nanos & 0xffff_ffffn));

test("64 bits of nanoseconds split without losing a digit, from halves as from decimal digits", () => {
  fc.assert(
    fc.property(anyNanos, (nanos) => {
      const time = halvesOf(nanos);
      expect(BigInt(time.ms) * 1_000_000n + BigInt(time.nanos)).toBe(nanos);
      expect(nanosFromDecimal(String(nanos))).toEqual(time);
      expect(nanosText(time)).toBe(String(nanos));
    }),
  );
});

test("a duration is the whole microseconds between two times at any distance", () => {
  fc.assert(
    fc.property(anyNanos, anyNanos, (start, end) => {
      const micros = (end - start) / 1_000n - ((end - start) % 1_000n < 0n ? 1n : 0n);
      fc.pre(micros < 2n ** 53n && micros > -(2n ** 53n));
      expect(durationUsBetween(halvesOf(start), halvesOf(end))).toBe(Number(micros));
    }),
  );
});

test("the last nanosecond of 9999 is within the calendar and the next is not", () => {
  expect(isWithinYear9999({ ms: Date.UTC(9999, 11, 31, 23, 59, 59, 999), nanos: 999_999 })).toBe(true);
  expect(isWithinYear9999({ ms: Date.UTC(9999, 11, 31, 23, 59, 59, 999) + 1, nanos: 0 })).toBe(false);
});
