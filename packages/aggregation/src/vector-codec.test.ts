import fc from "fast-check";
import { expect, test } from "vitest";
import { addVector, subtractVector, type Vector } from "./vector.ts";
import { decodeVector, encodeVector } from "./vector-codec.ts";

const anyAmount = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 })).filter((n) => n !== 0);
const anyVector: fc.Arbitrary<Vector> = fc
  .uniqueArray(fc.tuple(fc.oneof(fc.nat(300), fc.nat(2 ** 40)), anyAmount), { selector: ([component]) => component })
  .map((entries) => new Map(entries));

test("a vector is read back as it was written, and equal vectors have equal bytes", () => {
  fc.assert(
    fc.property(anyVector, (vector) => {
      expect(decodeVector(encodeVector(vector))).toEqual(vector);
      expect(encodeVector(new Map([...vector].reverse()))).toEqual(encodeVector(vector));
    }),
    { numRuns: 1_000 },
  );
});

test("a small amount beside the last component takes two bytes", () => {
  expect([...encodeVector(new Map([[3, 5]]))]).toEqual([3, 10]);
  expect([
    ...encodeVector(
      new Map([
        [4, -1],
        [3, 63],
      ]),
    ),
  ]).toEqual([3, 126, 1, 1]);
});

test("bytes that end inside a number are refused", () => {
  const bytes = encodeVector(
    new Map([
      [1, 1_000_000],
      [2_000, 2],
    ]),
  );
  expect(() => decodeVector(bytes.subarray(0, 2))).toThrow(RangeError);
  expect(() => decodeVector(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
});

test("what is added and taken away again was never there, down to the components", () => {
  fc.assert(
    fc.property(anyVector, anyVector, (vector, other) => {
      const sum = new Map(vector);
      addVector(sum, other);
      subtractVector(sum, other);
      expect(sum).toEqual(vector);
    }),
  );
});
