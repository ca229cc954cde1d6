import fc from "fast-check";
import { expect, test } from "vitest";
import { slicesOf } from "./slices.ts";

test("slices have the size that was asked for, the last one the rest, and together they are the values", () =>
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (values, size) => {
      const slices = slicesOf(values, size);
      expect(slices.flat()).toEqual(values);
      for (const slice of slices.slice(0, -1)) expect(slice).toHaveLength(size);
      for (const slice of slices) expect([slice.length > 0, slice.length <= size]).toEqual([true, true]);
    }),
    { numRuns: 100 },
  ));
