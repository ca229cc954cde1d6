import { hash, timingSafeEqual } from "node:crypto";
import { base32 } from "@trinity/runtime/base32";
import type { Role } from "./role.ts";

/** A key as stored: enough to verify it, not enough to present it. */
export type ApiKeyRecord = {
  /** Finds the record, and names the key in lists and logs; not secret. */
  readonly prefix: string;
  /** SHA-256 of the complete presented key, as hex. */
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

/** The record that will verify a presented key. */
export function recordOf(presented: string, details: ApiKeyDetails): ApiKeyRecord {
  return { prefix: prefixOf(presented), hash: sha256(presented).toString("hex"), ...details };
}

/**
 * The record of a presented key, or `null`: unknown, wrong by a character, expired. The caller cannot distinguish these.
 * Takes as long for a known prefix as for an unknown one: every path hashes and compares one digest.
 * @param findByPrefix a lookup in memory or in an index; it finds no revoked key
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
 * Our own keys contain their prefix. The prefix of an operator's key is 40 bits of a hash,
 * made with a label so that the stored hash does not contain them.
 */
export function prefixOf(presented: string): string {
  return generatedKey.exec(presented)?.[1] ?? `op${base32(sha256(`prefix of ${presented}`).subarray(0, prefixBytes))}`;
}

/** A damaged record must not make `timingSafeEqual` throw on lengths: it matches nothing. */
function digestOf(record: ApiKeyRecord): Buffer {
  const digest = Buffer.from(record.hash, "hex");
  return digest.length === dummyDigest.length ? digest : dummyDigest;
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
