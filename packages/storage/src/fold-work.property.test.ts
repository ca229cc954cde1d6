import fc from "fast-check";
import { expect, test } from "vitest";
import { FoldWork, partsWithin } from "./fold-work.ts";

const hourMs = 3_600_000;
const at = (...timestampsMs: number[]) => timestampsMs.map((timestampMs) => ({ timestampMs }));
const workOf = (parts: readonly (readonly number[])[]) => new FoldWork().add(at(...parts.flat())).total();

test("the first event of an hour costs as much as thirty more", () => {
  expect(workOf([])).toBe(0);
  expect(workOf([[0, 1, hourMs - 1]])).toBe(33);
  expect(workOf([[0], [hourMs]])).toBe(62);
});

test("parts are taken from the first one on, as many as fit, and never none", () => {
  const anyParts = fc.array(fc.array(fc.integer({ min: 0, max: 5 * hourMs }), { maxLength: 20 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(anyParts, fc.integer({ min: 0, max: 300 }), (parts, workMax) => {
      const { count: taken, work } = partsWithin(parts, workMax, (part) => at(...part));
      expect(work).toBe(workOf(parts.slice(0, taken)));
      expect(taken).toBeGreaterThanOrEqual(1);
      if (taken > 1) expect(workOf(parts.slice(0, taken))).toBeLessThanOrEqual(workMax);
      if (taken < parts.length) expect(workOf(parts.slice(0, taken + 1))).toBeGreaterThan(workMax);
    }),
    { numRuns: 300 },
  );
});
