import { dimensionNames } from "@trinity/aggregation/dimension";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFilters } from "./filter-text.ts";

const filter = (dimension: string, values: readonly string[], negated = false) => ({ dimension, values, negated });

test.each([
  [["platform:android"], [filter("platform", ["android"])]],
  [["platform:android,ios"], [filter("platform", ["android", "ios"])]],
  [["!platform:android,ios"], [filter("platform", ["android", "ios"], true)]],
  [["contentId:movie:862,tv:1399,platform:ios"], [filter("contentId", ["movie:862", "tv:1399"]), filter("platform", ["ios"])]],
  [
    ["platform:ios", "!genre:drama"],
    [filter("platform", ["ios"]), filter("genre", ["drama"], true)],
  ],
  [["platform:!ios"], [filter("platform", ["!ios"])]],
  [["route:GET /a/{id}"], [filter("route", ["GET /a/{id}"])]],
])("%j means what it says", (texts, filters) => {
  expect(parseFilters(texts)).toEqual(filters);
});

test.each([
  [["ios"]],
  [["platform:ios", "android"]],
  [[""]],
  [["platform:"]],
  [["platform:a,"]],
  [["__proto__:x"]],
  [["constructor:x"]],
  [["!!platform:a"]],
])("%j is refused", (texts) => {
  expect(parseFilters(texts)).toHaveProperty("message");
});

test("what is written is what is read", () => {
  const value = fc
    .string({ minLength: 1 })
    .filter((text) => !text.includes(",") && !dimensionNames.some((name) => text.replace(/^!/, "").startsWith(`${name}:`)));
  const anyFilter = fc.record({
    dimension: fc.constantFrom(...dimensionNames),
    values: fc.array(value, { minLength: 1, maxLength: 5 }),
    negated: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyFilter, { maxLength: 5 }), (filters) => {
      const texts = filters.map(({ dimension, values, negated }) => `${negated ? "!" : ""}${dimension}:${values.join(",")}`);
      expect(parseFilters(texts)).toEqual(filters);
    }),
  );
});
