import fc from "fast-check";
import { expect, test } from "vitest";
import { partsOf } from "../json-pieces.ts";
import { ValueOfParts, type ValuePart, valueParts } from "./value-parts.ts";

function rebuilt(value: unknown, valuesMax: number) {
  const parts: ValuePart[] = [];
  const whole = new ValueOfParts();
  for (const part of valueParts(value, valuesMax)) {
    parts.push(part);
    // As it comes over a channel.
    whole.add(structuredClone(part));
  }
  return { parts, value: whole.value };
}

/** Values with long arrays and objects at any depth. */
const { value: anyTree } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.string(), fc.double(), fc.constant(undefined), fc.constant(null), fc.boolean()),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "value", "0")), tie("value"), { maxKeys: 5, noNullPrototype: true }),
    fc.tuple(fc.integer({ min: 1, max: 60 }), tie("value")).map(([length, value]) => Array(length).fill(value)),
  ),
}));
const anyValue = anyTree.filter((value) => partsOf(value, 5_000) < 5_000);

test("a value is the same when its parts are put together, and no part is large", () => {
  fc.assert(
    fc.property(anyValue, fc.integer({ min: 2, max: 60 }), (value, valuesMax) => {
      const { parts, value: found } = rebuilt(value, valuesMax);
      expect(found).toStrictEqual(value);
      // The array that has the items is a value too.
      for (const part of parts) expect(partsOf("items" in part ? part.items : part.value, 5_000)).toBeLessThanOrEqual(valuesMax + 1);
    }),
    { numRuns: 300 },
  );
});

test("what is small, and what is no plain object or array, stays whole", () => {
  const map = new Map(Array.from({ length: 50 }, (_, i) => [i, i]));
  const numbers = new Float64Array(50);
  expect(rebuilt({ ok: true, map }, 5).parts).toHaveLength(1);
  expect(rebuilt(numbers, 5)).toEqual({ parts: [{ at: [], value: numbers }], value: numbers });
});
