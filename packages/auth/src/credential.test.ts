import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createApiKey } from "./api-key.ts";
import {
  type CredentialKind,
  type CredentialRecord,
  createCredential,
  removeExpiredCredentials,
  validForMs,
  verifyCredential,
} from "./credential.ts";
import { parseRole, roles } from "./role.ts";

const kinds: readonly CredentialKind[] = ["login", "session"];
const anyKind = fc.constantFrom(...kinds);
const anyRole = fc.constantFrom(...roles);
const madeAtMs = 1_000_000;
const made = (kind: CredentialKind, role = roles[0] as (typeof roles)[number]) =>
  createCredential({ kind, role, nowMs: madeAtMs, randomBytes });

describe("a login link and a session", () => {
  test("are recognised by their kind, with their role, until they expire", () => {
    fc.assert(
      fc.property(anyKind, anyRole, fc.integer({ min: 0, max: 2 * validForMs.session }), (kind, role, laterMs) => {
        const { presented, record } = made(kind, role);
        const caller = verifyCredential(kind, presented, record, madeAtMs + laterMs);
        expect(caller?.role ?? null).toBe(laterMs < validForMs[kind] ? role : null);
      }),
    );
  });

  test("are never confused with a key or with each other", () => {
    fc.assert(
      fc.property(anyKind, anyKind, anyRole, (kind, asKind, role) => {
        const { presented, record } = made(kind, role);
        expect(parseRole(record.role)).toBeNull();
        expect(verifyCredential(asKind, presented, record, madeAtMs) !== null).toBe(kind === asKind);
        const key = createApiKey({ role, name: "key", createdAtMs: madeAtMs, expiresAtMs: null }, randomBytes);
        expect(verifyCredential(asKind, key.presented, key.record, madeAtMs)).toBeNull();
      }),
    );
  });

  test("are stored without the presented secret, and a wrong secret or an unknown prefix opens nothing", () => {
    fc.assert(
      fc.property(anyKind, fc.string({ maxLength: 300 }), (kind, text) => {
        const { presented, record } = made(kind);
        expect(JSON.stringify(record)).not.toContain(presented.split("_")[2]);
        for (const wrong of [text, presented.slice(0, -1), `${presented}a`, presented.toUpperCase()])
          expect(verifyCredential(kind, wrong, record, madeAtMs)).toBeNull();
        expect(verifyCredential(kind, presented, undefined, madeAtMs)).toBeNull();
      }),
    );
  });

  test("are removed once they have expired; keys stay, expired ones too", async () => {
    const old = createApiKey({ role: "admin", name: "old key", createdAtMs: 0, expiresAtMs: 1 }, randomBytes).record;
    const records = new Map<string, CredentialRecord>([old, made("login").record, made("session").record].map((one) => [one.name, one]));
    const store = { list: async () => [...records.values()], remove: async (name: string) => records.delete(name) };
    const rolesLeft = () => [...records.values()].map(({ role }) => role);
    await removeExpiredCredentials(store, madeAtMs + validForMs.login - 1);
    expect(rolesLeft()).toEqual(["admin", "login:admin", "session:admin"]);
    await removeExpiredCredentials(store, madeAtMs + validForMs.login);
    expect(rolesLeft()).toEqual(["admin", "session:admin"]);
    await removeExpiredCredentials(store, madeAtMs + validForMs.session);
    expect(rolesLeft()).toEqual(["admin"]);
  });
});
