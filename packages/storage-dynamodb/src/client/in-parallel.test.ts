import fc from "fast-check";
import { expect, test } from "vitest";
import { inParallel, slicesOf } from "./in-parallel.ts";

test("at most `atOnce` values are worked on at once, each value once, and results keep the order", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), async (values, atOnce) => {
      let [running, most] = [0, 0];
      const results = await inParallel(values, atOnce, async (value) => {
        running += 1;
        most = Math.max(most, running);
        for (let tick = 0; tick <= value % 3; tick++) await Promise.resolve();
        running -= 1;
        return value + 1;
      });
      expect(results).toEqual(values.map((value) => value + 1));
      expect(most).toBe(Math.min(atOnce, values.length));
    }),
    { numRuns: 100 },
  ));

test("slices have the given size, the last one the rest, and together they are the values", () =>
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (values, size) => {
      const slices = slicesOf(values, size);
      expect(slices.flat()).toEqual(values);
      for (const slice of slices.slice(0, -1)) expect(slice).toHaveLength(size);
      for (const slice of slices) expect([slice.length > 0, slice.length <= size]).toEqual([true, true]);
    }),
    { numRuns: 100 },
  ));
