import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCompact, encodeCompact, jsonHead } from "./compact-json.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.uuid(),
  fc.constantFrom("genre", "movie", "__proto__", "\ud800", "ÿ", "Ā"),
);
const anyNumber = fc.oneof(fc.integer(), fc.double(), fc.maxSafeNat(), fc.constantFrom(-0, 63, 64, 127, 128, 2 ** 53, 1_796_031_386_576));
const anyStamp = fc.record({ atMs: fc.maxSafeNat(), eventId: fc.uuid() });
/** Objects of known shapes, with properties less and more. */
const anyShaped = fc.record({ votes: fc.nat(), activeAtMs: fc.nat(), joinedAtMs: fc.nat(), other: fc.nat() }, { requiredKeys: ["votes"] });
const anyTitle = fc.record(
  {
    first: anyStamp,
    described: fc.option(anyStamp),
    dimensions: fc.record({ contentId: anyText, genre: fc.array(anyText), mediaType: anyText }),
  },
  { requiredKeys: ["first", "dimensions"] },
);
const anyRest = fc.anything({ key: anyText, values: [anyText, anyNumber, fc.boolean(), fc.constant(null), fc.constant(undefined)] });
const anyValue = fc.oneof(anyRest, anyStamp, anyShaped, anyTitle, fc.array(anyTitle), fc.dictionary(anyText, anyShaped));
const ofJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");

test("Feature: analytics-system, Property 2: metrics aggregation consistency - an entity is read back as through JSON, whatever it contains", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encodeCompact(value);
      expect(decodeCompact(bytes)).toStrictEqual(ofJson(value));
      expect(bytes[0]).not.toBe(jsonHead);
    }),
    { numRuns: 2_000 },
  );
});

test("values of any size are written completely, and values after them too", () => {
  const departures = Array.from({ length: 300 }, (_, i) => [`u_${i}`.padEnd(28, "x"), { leftAtMs: 1_796_031_386_576 + i }]);
  for (const unit of ["x", "Ā"]) {
    for (const length of [1, 4_000, 4_090, 4_096, 4_100, 8_192, 5_000_000]) {
      const value = { text: unit.repeat(length), departures, after: [1, unit] };
      expect(decodeCompact(encodeCompact(value))).toEqual(value);
      expect(decodeCompact(encodeCompact([length]))).toEqual([length]);
    }
  }
});

test("bytes that were cut or have more behind them are refused, and others are refused or are some value", () => {
  fc.assert(
    fc.property(anyValue, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 }), (value, at, others) => {
      const bytes = encodeCompact(value);
      expect(() => decodeCompact(bytes.subarray(0, at % bytes.length))).toThrow(RangeError);
      expect(() => decodeCompact(Buffer.concat([bytes, others]))).toThrow(RangeError);
      try {
        decodeCompact(others);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 500 },
  );
});

test("stored bytes keep their meaning", () => {
  const ballot = {
    offered: true,
    votes: 2,
    likes: 0,
    matched: false,
    firstVote: { atMs: 1_796_031_386_576, eventId: "01a22bd0-13d0-767c-a538-561b112a2214" },
    dimensions: { contentId: "movie:1000", genre: ["action", "western"], mediaType: "movie" },
  };
  const hex =
    "416202006140" + "63d0a7c0dea234" + "6701a22bd013d0767ca538561b112a2214" + "42" + "650a" + "6d6f7669653a31303030" + "6802a1b998";
  expect(Buffer.from(encodeCompact(ballot)).toString("hex")).toBe(hex);
  const others = { ageBand: "18-24", Ā: [null, -1, 0.5], leftAtMs: 5 };
  const hexOfOthers =
    "6903" + "93" + "650531382d3234" + "6601" + "0001" + "6803" + "60" + "64000000000000f0bf" + "64000000000000e03f" + "8405";
  expect(Buffer.from(encodeCompact(others)).toString("hex")).toBe(hexOfOthers);
});
