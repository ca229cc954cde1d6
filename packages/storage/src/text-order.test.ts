import fc from "fast-check";
import { expect, test } from "vitest";
import { compareUtf8 } from "./text-order.ts";

test("texts are ordered by their UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("code points beyond the Basic Multilingual Plane come last", () => {
  expect(["🎬", "\uffee", "z"].sort(compareUtf8)).toEqual(["z", "\uffee", "🎬"]);
});
