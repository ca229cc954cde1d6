import { randomBytes } from "node:crypto";
import { ok, unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { createApiKey, verifyApiKey } from "./api-key.ts";
import { parseOperatorKey } from "./operator-key.ts";

const details = { role: "admin", name: "TRINITY_ADMIN_KEY", createdAtMs: 0, expiresAtMs: null } as const;

test("a key of the operator's own is found by its derived prefix and verified", () => {
  const record = unwrap(parseOperatorKey("correct-horse-battery", details));
  const find = (prefix: string) => (prefix === record.prefix ? record : undefined);
  expect(verifyApiKey("correct-horse-battery", find, 1)).toEqual(record);
  expect(verifyApiKey("correct-horse-batterY", find, 1)).toBeNull();
});

test("the derived prefix reveals nothing of the key and is not contained in its hash", () => {
  const record = unwrap(parseOperatorKey("correct-horse-battery", details));
  expect(record.prefix).toMatch(/^op[a-z2-7]{8}$/);
  expect(record.hash).not.toContain(record.prefix);
  expect("correct-horse-battery").not.toContain(record.prefix.slice(2));
});

test("a generated key given back through the environment keeps its prefix", () => {
  const { presented, record } = createApiKey(details, randomBytes);
  expect(parseOperatorKey(presented, details)).toEqual(ok(record));
});

test.each([
  ["fifteen letters", "abcdefghijklmno"],
  ["257 letters", "a".repeat(257)],
  ["a space", "correct horse battery"],
  ["a line break", "correct-horse-battery\n"],
  ["a letter outside ASCII", "correct-hörse-battery"],
])("%s is refused without repeating the value", (_, text) => {
  const parsed = parseOperatorKey(text, details);
  expect(parsed.ok).toBe(false);
  expect(JSON.stringify(parsed)).not.toContain(text.trim());
});
