import { bytesOfBase32 } from "@trinity/runtime/base32";
import { uuidBytes, uuidCharacters, writeUuid } from "@trinity/runtime/uuid";
import type { Pseudonymiser } from "./pseudonym.ts";

/** Sixteen bytes in base32. */
const digestId = /^e_[a-z2-7]{26}$/;

/**
 * The sixteen bytes by which the store knows an event id. A UUID in its canonical spelling is its own bytes, so that ids made in order of
 * time lie in order of time; every other id is a keyed digest, because it may be built from ids of people.
 */
export function eventKeyOf(eventId: string, pseudonymiser: Pseudonymiser): Buffer {
  return bytesOfUuid(eventId) ?? pseudonymiser.digestOf("event", eventId);
}

/** Whether an id looks like one that stands for its key in the store. Who sends such an id sends a text like any other. */
export function isDigestId(eventId: string): boolean {
  return digestId.test(eventId);
}

/** @returns the key of an event that is stored, from its id as stored; null where the id does not say it: the key is a digest of what was sent */
export function eventKeyOfStored(eventId: string): Buffer | null {
  return bytesOfUuid(eventId) ?? (isDigestId(eventId) ? bytesOfBase32(eventId.slice(2)) : null);
}

/** @returns the bytes of a UUID in its canonical spelling; null for any other text */
function bytesOfUuid(text: string): Buffer | null {
  if (text.length !== uuidCharacters) return null;
  const bytes = Buffer.allocUnsafe(uuidBytes);
  return writeUuid(text, bytes, 0) ? bytes : null;
}
