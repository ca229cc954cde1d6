import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestsTooDeep } from "./json-guard.ts";

const nested = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth));

describe("the depth of JSON", () => {
  test("64 levels pass, 65 do not, closed or not", () => {
    expect([nestsTooDeep(nested(64), 64), nestsTooDeep(nested(65), 64), nestsTooDeep(Buffer.from("{".repeat(65)), 64)]).toEqual([false, true, true]);
  });

  test("brackets in strings do not count, however the string is escaped", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("[", "{", '"', "\\", "a"), { maxLength: 200 }), (parts) => {
        expect(nestsTooDeep(Buffer.from(JSON.stringify({ text: parts.join("") })), 64)).toBe(false);
      }),
    );
  });

  test("is what counting the parsed value says", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 80 }), (value) => {
        expect(nestsTooDeep(Buffer.from(JSON.stringify(value)), 64)).toBe(depthOf(value) > 64);
      }),
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
