import fc from "fast-check";
import { expect, test } from "vitest";
import { addVector, subtractVector, type Vector } from "./vector.ts";
import { addEncoded, ascendingAmounts, decodeAmounts, decodeVector, encodeVector, markComponents } from "./vector-codec.ts";

/** Whole, and beyond what doubles count one by one. */
const anyLargeAmount = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 40 })).map(([amount, times]) => amount * times);
const anyAmount = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.maxSafeInteger(), anyLargeAmount).filter((n) => n !== 0);
const vectorOf = (amount: fc.Arbitrary<number>): fc.Arbitrary<Vector> =>
  fc
    .uniqueArray(fc.tuple(fc.oneof(fc.nat(300), fc.nat(2 ** 40)), amount), { selector: ([component]) => component })
    .map((entries) => new Map(entries));
const anyVector = vectorOf(anyAmount);
/** Sums of two such amounts are exact. */
const anyExactVector = vectorOf(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }).filter((n) => n !== 0));

/** Many of the components that a shard has: long enough for a bitmap, most of the time. */
const anyShard: fc.Arbitrary<Vector> = fc
  .record({
    stride: fc.integer({ min: 1, max: 9 }),
    first: fc.nat(7),
    amounts: fc.array(anyAmount, { minLength: 1, maxLength: 20 }),
    holes: fc.array(fc.nat(8191)),
  })
  .map(({ stride, first, amounts, holes }) => {
    const vector: Vector = new Map();
    for (let i = 0, at = first; at < 8192; i++, at += stride) vector.set(at, amounts[i % amounts.length] as number);
    for (const hole of holes) vector.delete(hole);
    return vector;
  });

test("a vector is read back as it was written, and equal vectors have equal bytes", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: anyVector }, anyShard), (vector) => {
      expect(decodeVector(encodeVector(vector))).toEqual(vector);
      expect(encodeVector(new Map([...vector].reverse()))).toEqual(encodeVector(vector));
    }),
    { numRuns: 1_000 },
  );
});

/** Of few components, so that two of them meet, and sums are 0 now and then. */
const anyNarrow: fc.Arbitrary<Vector> = fc
  .uniqueArray(fc.tuple(fc.nat(9), fc.constantFrom(-2, -1, 1, 2)), { selector: ([component]) => component })
  .map((entries) => new Map(entries));

test("Feature: analytics-system, Property 2: metrics aggregation consistency - amounts added to the bytes of a vector give the bytes of the sum", () => {
  fc.assert(
    fc.property(fc.oneof(anyNarrow, anyVector, anyShard), fc.oneof(anyNarrow, anyVector, anyShard), (vector, added) => {
      const sum = new Map(vector);
      addVector(sum, added);
      expect(addEncoded(encodeVector(vector), ascendingAmounts(added))).toEqual(encodeVector(sum));
      const negative = new Map([...vector].map(([component, amount]) => [component, -amount]));
      expect(addEncoded(encodeVector(vector), ascendingAmounts(negative)).length).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test("reading up to a component tells what lies below and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(anyVector, anyShard), fc.nat(9_000), (vector, below) => {
      const ascending = [...vector].filter(([component]) => component < below).sort(([a], [b]) => a - b);
      expect([...decodeAmounts(encodeVector(vector), below)]).toEqual(ascending.flat());
    }),
  );
});

test("marking the components of a shard sets their bits and leaves the others as they were", () => {
  fc.assert(
    fc.property(anyShard, fc.uniqueArray(fc.nat(8191)), (vector, others) => {
      const words = new Uint32Array(256);
      for (const other of others) words[other >>> 5] = (words[other >>> 5] as number) | (1 << (other & 31));
      markComponents(encodeVector(vector), words);
      const marked = Array.from({ length: 8192 }, (_, i) => i).filter((i) => ((words[i >>> 5] as number) & (1 << (i & 31))) !== 0);
      expect(marked).toEqual([...new Set([...vector.keys(), ...others])].sort((a, b) => a - b));
    }),
  );
});

test("components that fill an eighth of a shard take a bit each and their amounts", () => {
  const shard = (components: number): Vector => new Map(Array.from({ length: components }, (_, i) => [i * 7, 1]));
  expect(encodeVector(shard(1_026)).length).toBe(2 * 1_026);
  expect(encodeVector(shard(1_027)).length).toBe(1_026 + 1_027);
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
  expect(() => markComponents(bytes.subarray(0, bytes.length - 1), new Uint32Array(256))).toThrow(RangeError);
  const dense = encodeVector(new Map(Array.from({ length: 2_000 }, (_, i) => [i, 1])));
  expect(() => addEncoded(bytes.subarray(0, bytes.length - 1), [1, 1])).toThrow(RangeError);
  for (const length of [2, 1_025]) expect(() => markComponents(dense.subarray(0, length), new Uint32Array(256))).toThrow(RangeError);
  expect(() => decodeVector(dense.subarray(0, dense.length - 1))).toThrow(RangeError);
});

test("what is added and taken away again was never there, down to the components", () => {
  fc.assert(
    fc.property(anyExactVector, anyExactVector, (vector, other) => {
      const sum = new Map(vector);
      addVector(sum, other);
      subtractVector(sum, other);
      expect(sum).toEqual(vector);
    }),
  );
});
