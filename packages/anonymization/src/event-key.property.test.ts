import { base32 } from "@trinity/runtime/base32";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anonymiseEvent } from "./anonymise-event.ts";
import { eventKeyOf, eventKeyOfStored } from "./event-key.ts";
import { createPseudonymiser } from "./pseudonym.ts";

const pseudonymiser = createPseudonymiser(Buffer.alloc(32, 7));

test("a stored UUID, and a stored digest, say the key they were claimed by; no other id does", () =>
  fc.assert(
    fc.property(fc.uuid(), fc.string(), fc.string(), (uuid, content, other) => {
      expect(eventKeyOfStored(uuid)).toEqual(eventKeyOf(uuid, pseudonymiser));
      const key = eventKeyOf(`vote:${content}`, pseudonymiser);
      expect(eventKeyOfStored(`e_${base32(key)}`)).toEqual(key);
      for (const id of [`id:${other}`, `e_${other}`.slice(0, 27), `e_${base32(key)}a`]) expect(eventKeyOfStored(id)).toBeNull();
    }),
    { numRuns: 200 },
  ));

const anyDigestLike = fc
  .array(fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567"), { minLength: 26, maxLength: 26 })
  .map((letters) => `e_${letters.join("")}`);

test("whatever id an event was sent with, what is stored of it gives back its own key, under the secret", () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.uuid(), anyDigestLike, fc.string({ minLength: 1 }), fc.constant("vote:room-9:user-1:862"), fc.constant("log:0af3")),
      (eventId) => {
        const { key, event } = anonymiseEvent(
          {
            eventId,
            eventType: "join_room",
            timestampMs: 1,
            userId: "user-1",
            roomId: "room-9",
            sessionId: null,
            properties: {},
            context: {},
            source: { system: "app" },
          },
          2,
          pseudonymiser,
        );
        expect(eventKeyOfStored(event.eventId) ?? eventKeyOf(event.eventId, pseudonymiser)).toEqual(key);
      },
    ),
    { numRuns: 300 },
  ));
