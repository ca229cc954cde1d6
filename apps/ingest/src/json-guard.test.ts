import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardJson } from "./json-guard.ts";

const nested = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth));

describe("the depth of JSON", () => {
  test("64 levels pass, 65 do not, closed or not", () => {
    const texts = [nested(64), nested(65), Buffer.from("{".repeat(65))];
    expect(texts.map((text) => guardJson(text, 64))).toEqual([null, "too_deep", "too_deep"]);
  });

  test("what is closed counts no longer: any number of lists and objects may stand side by side", () => {
    for (const item of ["[],", "{},", "[{}],"]) expect(guardJson(Buffer.from(`[${item.repeat(200)}0]`), 64)).toBe(null);
  });

  test("brackets in strings do not count, however the string is escaped", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("[", "{", '"', "\\", "a"), { maxLength: 200 }), (parts) => {
        expect(guardJson(Buffer.from(JSON.stringify({ text: parts.join("") })), 64)).toBe(null);
      }),
    );
  });

  test("is what counting the parsed value says", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 80 }), (value) => {
        expect(guardJson(Buffer.from(JSON.stringify(value)), 64)).toBe(depthOf(value) > 64 ? "too_deep" : null);
      }),
    );
  });
});

describe("the number of values in JSON", () => {
  test.each([
    ["empty objects", "{},", 2],
    ["empty lists", "[],", 2],
    ["digits", "1,", 1],
    ["objects with a key", '{"a":1},', 2],
  ])("as many %s as there may be pass, and not one more", (_, item, valuesEach) => {
    const guarded = (count: number) => guardJson(Buffer.from(`[${item.repeat(count)}0]`), 64, 40 * valuesEach + 2);
    expect([guarded(40), guarded(41)]).toEqual([null, "too_many"]);
  });

  test("commas in strings do not count", () => {
    expect(guardJson(Buffer.from(JSON.stringify([",".repeat(9), ","])), 64, 3)).toBe(null);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("bytes that are not brackets or quotes", () => {
  test("leave the depth as it is", () => {
    const spaced = (depth: number) => Buffer.from("[ 1 , ".repeat(depth));
    expect([64, 65].map((depth) => guardJson(spaced(depth), 64))).toEqual([null, "too_deep"]);
  });

  test("an escaped quote ends no string", () => {
    expect(guardJson(Buffer.from(`"\\"${"[".repeat(65)}"`), 64)).toBeNull();
    expect(guardJson(Buffer.from(`"\\\\"${"[".repeat(65)}`), 64)).toBe("too_deep");
  });

  test("a string that is never closed ends with the bytes", () => {
    for (const text of ['"', '["a', '"\\', `"${"[".repeat(65)}`]) expect(guardJson(Buffer.from(text), 64)).toBeNull();
  });
});

test("exactly 750,000 values pass, and not one more", () => {
  const listOf = (values: number) => Buffer.from(`[${"0,".repeat(values - 2)}0]`);
  expect([750_000, 750_001].map((values) => guardJson(listOf(values), 64))).toEqual([null, "too_many"]);
});
