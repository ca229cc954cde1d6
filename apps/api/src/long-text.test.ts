import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "./json-pieces.ts";
import { bodyOf } from "./long-text.ts";

const textOfBody = async (body: string | Readable) => (typeof body === "string" ? body : text(body));

test("a value in pieces is the text that JSON.stringify gives, however it is cut and sent", async () => {
  const leaf = fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constantFrom(null, undefined));
  const { any } = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("any"), { maxLength: 5 }), fc.dictionary(fc.string(), tie("any"), { maxKeys: 5 })),
  }));
  // Enough parts that arrays and objects on the way are cut.
  const anyLong = fc.record({ any, series: fc.array(any, { minLength: 1, maxLength: 3 }), times: fc.constantFrom(1, 400, 2_000) });
  await fc.assert(
    fc.asyncProperty(anyLong, async ({ any: one, series, times }) => {
      const value = { one, nested: { series: Array.from({ length: times }, () => ({ by: {}, points: series })) }, missing: undefined };
      expect(await textOfBody(bodyOf(jsonPieces(value)))).toBe(JSON.stringify(value));
    }),
    { numRuns: 150, endOnFailure: true },
  );
}, 60_000);

test("small items of a long array are written together, and a large one among them by itself", () => {
  const small = { start: "2026-10-01T00:00:00.000Z", value: 1 };
  const large = Array.from({ length: 5_000 }, () => small);
  const pieces = [...jsonPieces([...large, large, ...large])];
  expect(pieces.join("")).toBe(JSON.stringify([...large, large, ...large]));
  expect(pieces.length).toBeLessThan(150);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(60_000);
});

test("what JSON does not have is null in a long array too", async () => {
  const values = Array.from({ length: 3_000 }, (_, i) => (i % 2 === 0 ? undefined : Number.NaN));
  expect(await textOfBody(bodyOf(jsonPieces(values)))).toBe(JSON.stringify(values));
});

test("others work between two pieces of a long text", async () => {
  let rounds = 0;
  let isRead = false;
  const others = async () => {
    for (; !isRead; rounds++) await new Promise(setImmediate);
  };
  void others();
  await text(bodyOf(Array.from({ length: 50 }, () => "x".repeat(70_000))) as Readable);
  isRead = true;
  expect(rounds).toBeGreaterThanOrEqual(48);
});

test("a short text is sent whole, so that its length is known, and a long one as a stream", () => {
  expect(bodyOf([])).toBe("");
  expect(bodyOf(["short", " text"])).toBe("short text");
  expect(bodyOf(["x".repeat(70_000)])).toBeTypeOf("string");
  expect(bodyOf(["x".repeat(70_000), "y"])).toBeInstanceOf(Readable);
});

test("of a long text no more is made than its reader takes", async () => {
  let made = 0;
  function* pieces() {
    for (; made < 1_000; made++) yield "x".repeat(10_000);
  }
  const body = bodyOf(pieces()) as Readable;
  await once(body, "readable");
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(made).toBeLessThan(50);
  const all = await text(body);
  expect([all.length, made]).toEqual([10_000_000, 1_000]);
});

test("a reader who leaves ends the making of a text", async () => {
  let isOver = false;
  function* pieces() {
    try {
      for (;;) yield "x".repeat(100_000);
    } finally {
      isOver = true;
    }
  }
  const body = bodyOf(pieces()) as Readable;
  await once(body, "readable");
  body.destroy();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(isOver).toBe(true);
});
