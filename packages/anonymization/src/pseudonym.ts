import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Pseudonym } from "@trinity/events/event";
import { base32 } from "@trinity/runtime/base32";

/** What an id names. The same text under two kinds gives two pseudonyms that nobody can link. */
type IdKind = "user" | "room" | "session" | "property";

const prefixOf = { user: "u_", room: "r_", session: "s_", property: "p_" } as const satisfies Record<IdKind, string>;

/** Turns ids into pseudonyms under one secret key. */
export type Pseudonymiser = {
  /** The pseudonym of an id: the same for ever under this key, and the same for canonically equivalent spellings (NFC); case counts. */
  pseudonymOf(kind: IdKind, id: string): Pseudonym;
  /** Sixteen bytes that stand for a text of some other kind, such as an event id that is no UUID. */
  digestOf(kind: string, text: string): Buffer;
};

/** @returns what tells the secret from another; the secret does not follow from it */
export function fingerprintOf(pseudonymiser: Pseudonymiser): string {
  return pseudonymiser.pseudonymOf("property", "fingerprint");
}

/** Ids come in bursts of the same few: two generations of this many keep the recent ones at hand in bounded memory. */
const generationMax = 20_000;

/**
 * @param secret at least 32 random bytes, kept apart from every store: with it, and only with it, ids can be linked to pseudonyms
 * @throws {RangeError} for a shorter secret
 */
export function createPseudonymiser(secret: Uint8Array): Pseudonymiser {
  if (secret.length < 32) throw new RangeError("the pseudonym key must have at least 32 bytes");
  // A KeyObject, because createHmac prepares a raw key anew at each call, which costs ten times the hash.
  const key = createSecretKey(secret);
  const recent = new RecentPseudonyms(key);
  return {
    pseudonymOf: (kind, id) => recent.get(kind, id),
    digestOf: (kind, text) => digest(key, kind, text),
  };
}

type Generation = Readonly<Record<IdKind, Map<string, Pseudonym>>>;

/** Ids are kept as they come: decoders make each a text of its own, which refers to no request. */
class RecentPseudonyms {
  readonly #key: KeyObject;
  #young = emptyGeneration();
  #youngSize = 0;
  #old = emptyGeneration();

  constructor(key: KeyObject) {
    this.#key = key;
  }

  get(kind: IdKind, id: string): Pseudonym {
    const known = this.#young[kind].get(id);
    if (known !== undefined) return known;
    const pseudonym = this.#old[kind].get(id) ?? ((prefixOf[kind] + base32(digest(this.#key, kind, id.normalize("NFC")))) as Pseudonym);
    this.#remember(kind, id, pseudonym);
    return pseudonym;
  }

  #remember(kind: IdKind, id: string, pseudonym: Pseudonym): void {
    if (this.#youngSize >= generationMax) {
      this.#old = this.#young;
      this.#young = emptyGeneration();
      this.#youngSize = 0;
    }
    this.#young[kind].set(id, pseudonym);
    this.#youngSize += 1;
  }
}

function emptyGeneration(): Generation {
  return { user: new Map(), room: new Map(), session: new Map(), property: new Map() };
}

/** HMAC-SHA-256 (RFC 2104) over the kind, a zero byte and the text, cut to 128 bits. */
function digest(key: KeyObject, kind: string, text: string): Buffer {
  return createHmac("sha256", key).update(`${kind}\0${text}`).digest().subarray(0, 16);
}
