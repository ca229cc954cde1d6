import fc from "fast-check";
import { expect, test } from "vitest";
import { uuidBytes, uuidCharacters, uuidText, writeUuid } from "./uuid.ts";

test("the bytes of a UUID are its digits, wherever they are written", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(9), (uuid, start) => {
      const bytes = Buffer.alloc(start + uuidBytes);
      expect(writeUuid(uuid, bytes, start)).toBe(true);
      expect(bytes.subarray(start).toString("hex")).toBe(uuid.replaceAll("-", ""));
      expect(uuidText(bytes, start)).toBe(uuid);
    }),
    { numRuns: 500 },
  );
});

test("a text with one other character, or of another length, is no UUID", () => {
  const bytes = Buffer.alloc(uuidBytes);
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.nat(uuidCharacters - 1),
      fc.constantFrom("g", "A", "-", "0", "`", "/", ":", "\u0130", "\u0161"),
      (uuid, at, other) => {
        const text = uuid.slice(0, at) + other + uuid.slice(at + 1);
        expect(writeUuid(text, bytes, 0)).toBe(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text));
        expect(writeUuid(uuid.slice(at + 1), bytes, 0)).toBe(false);
        expect(writeUuid(`${uuid}0`, bytes, 0)).toBe(false);
      },
    ),
    { numRuns: 1_000 },
  );
});
