import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ApiKeyDetails, type ApiKeyRecord, createApiKey, verifyApiKey } from "./api-key.ts";
import { callerOf } from "./caller.ts";

const details: ApiKeyDetails = { role: "service", name: "app", createdAtMs: 1_000, expiresAtMs: null };
const nowMs = 2_000;

function storeOf(...records: readonly ApiKeyRecord[]) {
  return (prefix: string) => records.find((record) => record.prefix === prefix);
}

const { presented, record } = createApiKey(details, randomBytes);

test("a key carries a prefix and a secret of 160 bits", () => {
  expect(presented).toMatch(/^tk_[a-z2-7]{8}_[a-z2-7]{32}$/);
  expect(presented.split("_")[1]).toBe(record.prefix);
});

test("the record has the SHA-256 of the complete key and nothing of the secret", () => {
  expect(record.hash).toBe(createHash("sha256").update(presented).digest("hex"));
  expect(JSON.stringify(record)).not.toContain(presented.split("_")[2]);
});

test("two keys from the same source differ in prefix and secret", () => {
  const other = createApiKey(details, randomBytes);
  expect(other.record.prefix).not.toBe(record.prefix);
  expect(other.presented.slice(12)).not.toBe(presented.slice(12));
});

test("the right key is recognised, and its caller knows neither hash nor secret", () => {
  const found = verifyApiKey(presented, storeOf(record), nowMs);
  expect(found).toEqual(record);
  expect(callerOf(record)).toEqual({ role: "service", name: "app", prefix: record.prefix });
});

test("a key minus a character, plus a character, in another case, or its prefix alone is refused", () => {
  const wrongKeys = [
    presented.slice(0, -1),
    presented.slice(1),
    `${presented}a`,
    ` ${presented}`,
    `${presented}\n`,
    presented.toUpperCase(),
    `tk_${record.prefix}`,
    `tk_${record.prefix}_`,
    record.prefix,
    record.hash,
    `tk_${record.prefix}_${"a".repeat(32)}`,
    "",
    presented.repeat(10),
  ];
  for (const wrong of wrongKeys) expect(verifyApiKey(wrong, storeOf(record), nowMs)).toBeNull();
});

test("tokens that claim to need no signature are opaque strings: refused", () => {
  const headers = ['{"alg":"none"}', '{"alg":"None"}', '{"alg":"nOnE"}', "{}", '{"alg":["none"]}'];
  for (const header of headers) {
    const token = `${Buffer.from(header).toString("base64url")}.${Buffer.from('{"role":"admin"}').toString("base64url")}.`;
    expect(verifyApiKey(token, storeOf(record), nowMs)).toBeNull();
  }
});

test("no other string is the key", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^tk_[a-z2-7]{8}_[a-z2-7]{32}$/)), (text) => {
      fc.pre(text !== presented);
      expect(verifyApiKey(text, storeOf(record), nowMs)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test("changing any one character makes another key", () => {
  fc.assert(
    fc.property(fc.nat(presented.length - 1), fc.constantFrom(..."abcxyz234567AZ_"), (index, character) => {
      fc.pre(presented[index] !== character);
      const wrong = presented.slice(0, index) + character + presented.slice(index + 1);
      expect(verifyApiKey(wrong, storeOf(record), nowMs)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test("the store is asked once for each key, whether the prefix is known or not", () => {
  const asked: string[] = [];
  const find = (prefix: string) => {
    asked.push(prefix);
    return storeOf(record)(prefix);
  };
  verifyApiKey(presented, find, nowMs);
  verifyApiKey(`tk_${"z".repeat(8)}_${"a".repeat(32)}`, find, nowMs);
  verifyApiKey("x".repeat(10_000), find, nowMs);
  expect(asked).toHaveLength(3);
});

test.each([
  [1_999, true],
  [2_000, false],
  [2_001, false],
])("a key that expires at 2000 ms is good at %i ms: %s", (atMs, good) => {
  const key = createApiKey({ ...details, expiresAtMs: 2_000 }, randomBytes);
  expect(verifyApiKey(key.presented, storeOf(key.record), atMs) !== null).toBe(good);
});

test("a revoked key is refused from the moment the store no longer finds it", () => {
  const records = new Map([[record.prefix, record]]);
  const find = (prefix: string) => records.get(prefix);
  expect(verifyApiKey(presented, find, nowMs)).not.toBeNull();
  records.delete(record.prefix);
  expect(verifyApiKey(presented, find, nowMs)).toBeNull();
});

test("a damaged record matches nothing and does not throw", () => {
  for (const hash of ["", "zz", record.hash.slice(2), `${record.hash}00`]) {
    expect(verifyApiKey(presented, () => ({ ...record, hash }), nowMs)).toBeNull();
  }
});
