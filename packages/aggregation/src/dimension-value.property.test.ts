import fc from "fast-check";
import { expect, test } from "vitest";
import { calendarOf } from "./calendar.ts";
import { valueSeparator } from "./cell.ts";
import { type DimensionName, dimensionNames, isDimensionName } from "./dimension.ts";
import { valueProblem } from "./dimension-value.ts";
import { FoldedWorld } from "./folded-world.testing.ts";
import { findSet } from "./measure-catalogue.ts";
import { anyWorld } from "./world-arbitrary.testing.ts";

test("no value that a fact has is refused", () => {
  const seen = new Set<DimensionName>();
  fc.assert(
    fc.property(anyWorld, ({ folds }) => {
      const world = new FoldedWorld();
      for (const { chunks, foldedAtMs } of folds) world.fold(chunks, foldedAtMs);
      for (const { set, value } of world.cells.values()) {
        const { dimensions = [] } = findSet(set) ?? {};
        for (const [i, part] of value.split(valueSeparator).entries()) {
          const name = dimensions[i];
          if (name === undefined || !isDimensionName(name)) continue;
          seen.add(name);
          expect(valueProblem(name, part), `${name} ${part}`).toBeNull();
        }
      }
    }),
    { numRuns: 200 },
  );
  expect([...seen].toSorted()).toEqual(dimensionNames.filter((name) => name !== "hourOfDay" && name !== "weekday").toSorted());
});

test("every hour and weekday of a clock is a value, and no other number", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 4e12 }), fc.integer({ min: -50, max: 50 }), (atMs, number) => {
      const calendar = calendarOf("Asia/Kolkata");
      expect(valueProblem("hourOfDay", String(calendar.hourOfDay(atMs)))).toBeNull();
      expect(valueProblem("weekday", String(calendar.weekday(atMs)))).toBeNull();
      expect(valueProblem("hourOfDay", String(number)) === null).toBe(number >= 0 && number < 24);
      expect(valueProblem("weekday", String(number)) === null).toBe(number >= 1 && number <= 7);
    }),
  );
});
