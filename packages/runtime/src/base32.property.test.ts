import fc from "fast-check";
import { expect, test } from "vitest";
import { base32, bytesOfBase32 } from "./base32.ts";

test("bytes come back from their base32 text, and from no other text", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.string(), (bytes, text) => {
      expect(bytesOfBase32(base32(bytes))).toEqual(Buffer.from(bytes));
      const decoded = bytesOfBase32(text);
      if (decoded !== null) expect(base32(decoded)).toBe(text);
    }),
    { numRuns: 200 },
  ));
