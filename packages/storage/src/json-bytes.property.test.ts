import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonBytes } from "./json-bytes.ts";

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', "\\", "\u007f", "\ud800", "é", "a") }),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    anyText,
    fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e21, 1e-7, Number.MAX_SAFE_INTEGER)),
    fc.constantFrom(true, false, null, undefined),
    fc.array(tie("value")),
    fc.dictionary(anyText, tie("value")),
  ),
}));

test("Feature: analytics-system, Property 1: event tracking completeness - the bytes of plain data are those of JSON.stringify, whatever was written before", () => {
  const json = new JsonBytes();
  fc.assert(
    fc.property(fc.array(anyValue), (value) => {
      expect(textOf(json.of(value))).toBe(JSON.stringify(value));
    }),
    { numRuns: 1_000 },
  );
});

test("values larger than the buffer are written completely, wherever it ends", () => {
  // Each with a buffer that has not grown yet.
  for (let length = 65_480; length < 65_560; length++) {
    for (const last of ["é", "é".repeat(20), "text", 12, null, [], { a: 1 }]) {
      const value = ["x".repeat(length), last];
      expect(textOf(new JsonBytes().of(value)) === JSON.stringify(value)).toBe(true);
    }
  }
  const json = new JsonBytes();
  for (const unit of ["a", '"', "\u{1f3ac}"]) {
    const value = { text: unit.repeat(3_000_000), after: [1] };
    expect(textOf(json.of(value)) === JSON.stringify(value)).toBe(true);
    expect(textOf(json.of([]))).toBe("[]");
  }
});
