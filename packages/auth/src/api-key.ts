import { createHash, timingSafeEqual } from "node:crypto";
import { base32 } from "@trinity/runtime/base32";
import type { Role } from "./role.ts";

/** What the store keeps of a key: enough to recognise it, nothing to present it with. */
export type ApiKeyRecord = {
  /** Finds the record, names the key in lists and logs; not secret. */
  readonly prefix: string;
  /** SHA-256 of the whole presented key, as hex. */
  readonly hash: string;
  readonly role: Role;
  readonly name: string;
  readonly createdAtMs: number;
  /** First millisecond at which the key is refused; `null`: it does not expire. */
  readonly expiresAtMs: number | null;
};

export type ApiKeyDetails = Pick<ApiKeyRecord, "role" | "name" | "createdAtMs" | "expiresAtMs">;

/** 40 bits find a record among millions; 160 bits cannot be guessed, so a plain hash protects them. */
const prefixBytes = 5;
const secretBytes = 20;
const generatedKey = /^tk_([a-z2-7]{8})_[a-z2-7]{32}$/;
const presentedCharsMax = 256;
const dummyDigest = Buffer.alloc(32);

/** @param randomBytes a cryptographic source; shows `presented` once, stores only `record` */
export function createApiKey(
  details: ApiKeyDetails,
  randomBytes: (size: number) => Uint8Array,
): { readonly presented: string; readonly record: ApiKeyRecord } {
  const presented = `tk_${base32(randomBytes(prefixBytes))}_${base32(randomBytes(secretBytes))}`;
  return { presented, record: recordOf(presented, details) };
}

/** The record under which a presented key will be found. */
export function recordOf(presented: string, details: ApiKeyDetails): ApiKeyRecord {
  return { prefix: prefixOf(presented), hash: sha256(presented).toString("hex"), ...details };
}

/**
 * The record of a presented key, or `null`: unknown, wrong by a character, expired. The caller cannot tell which.
 * Takes as long for a known prefix as for an unknown one: every path hashes and compares one digest.
 * @param findByPrefix looks in memory or in an index; a revoked key is no longer found
 */
export function verifyApiKey(
  presented: string,
  findByPrefix: (prefix: string) => ApiKeyRecord | null | undefined,
  nowMs: number,
): ApiKeyRecord | null {
  const key = presented.length <= presentedCharsMax ? presented : "";
  const record = findByPrefix(prefixOf(key)) ?? null;
  const expected = record === null ? dummyDigest : digestOf(record);
  const same = timingSafeEqual(sha256(key), expected);
  if (!same || record === null) return null;
  return record.expiresAtMs === null || nowMs < record.expiresAtMs ? record : null;
}

/**
 * Our own keys carry their prefix; one that an operator chose gets its first 40 hash bits,
 * taken with a label so that they are no part of the stored hash.
 */
export function prefixOf(presented: string): string {
  return generatedKey.exec(presented)?.[1] ?? `op${base32(sha256(`prefix of ${presented}`).subarray(0, prefixBytes))}`;
}

/** A damaged record must not let `timingSafeEqual` throw on lengths: nothing matches it. */
function digestOf(record: ApiKeyRecord): Buffer {
  const digest = Buffer.from(record.hash, "hex");
  return digest.length === dummyDigest.length ? digest : dummyDigest;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
