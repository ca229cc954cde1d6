import fc from "fast-check";
import { expect, test } from "vitest";
import { eventKeyOf, eventKeyOfStored } from "./event-key.ts";
import { base32, bytesOfBase32, createPseudonymiser } from "./pseudonym.ts";

const pseudonymiser = createPseudonymiser(Buffer.alloc(32, 7));

test("a stored UUID, and a stored digest, say the key they were claimed by; no other id does", () =>
  fc.assert(
    fc.property(fc.uuid(), fc.string(), fc.string(), (uuid, telling, other) => {
      expect(eventKeyOfStored(uuid)).toEqual(eventKeyOf(uuid, pseudonymiser));
      const key = eventKeyOf(`vote:${telling}`, pseudonymiser);
      expect(eventKeyOfStored(`e_${base32(key)}`)).toEqual(key);
      for (const id of [`id:${other}`, `e_${other}`.slice(0, 27), `e_${base32(key)}a`]) expect(eventKeyOfStored(id)).toBeNull();
    }),
    { numRuns: 200 },
  ));

test("bytes come back from their base32 text, and from no other text", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.string(), (bytes, text) => {
      expect(bytesOfBase32(base32(bytes))).toEqual(Buffer.from(bytes));
      const decoded = bytesOfBase32(text);
      if (decoded !== null) expect(base32(decoded)).toBe(text);
    }),
    { numRuns: 200 },
  ));
