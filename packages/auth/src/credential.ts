import { type ApiKeyRecord, createApiKey, verifyApiKey } from "./api-key.ts";
import { type Caller, callerOf } from "./caller.ts";
import { parseRole, type Role } from "./role.ts";

/**
 * What a browser presents instead of a key: a login link works once, a session until it expires. Both are kept beside the keys, under a
 * role that no key has, such as `login:admin`: neither is taken for a key or for the other.
 */
export type CredentialKind = "login" | "session";

/** As the store keeps it: only its hash. */
export type CredentialRecord = Omit<ApiKeyRecord, "role"> & { readonly role: string };

export const validForMs: Readonly<Record<CredentialKind, number>> = { login: 15 * 60_000, session: 12 * 60 * 60_000 };

/** Of a store of keys what is needed to tidy it up. */
type CredentialStore = {
  list(): Promise<readonly CredentialRecord[]>;
  remove(name: string): Promise<boolean>;
};

export type CredentialSettings = {
  readonly kind: CredentialKind;
  /** What the caller will be. */
  readonly role: Role;
  readonly nowMs: number;
  /** A cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
};

/** @returns what is shown once, and what is kept */
export function createCredential({ kind, role, nowMs, randomBytes }: CredentialSettings): {
  readonly presented: string;
  readonly record: CredentialRecord;
} {
  const details = { role, name: "", createdAtMs: nowMs, expiresAtMs: nowMs + validForMs[kind] };
  const { presented, record } = createApiKey(details, randomBytes);
  // A space keeps the name apart from those that people give to keys.
  return { presented, record: { ...record, role: `${kind}:${role}`, name: `${kind} ${record.prefix}` } };
}

/**
 * @param found the record with the prefix of what is presented
 * @returns who presents it; `null` where it is unknown, wrong, expired or of another kind
 */
export function verifyCredential(
  kind: CredentialKind,
  presented: string,
  found: CredentialRecord | undefined,
  nowMs: number,
): Caller | null {
  const role = found === undefined ? null : roleIn(found, kind);
  const record = found === undefined || role === null ? undefined : { ...found, role };
  const verified = verifyApiKey(presented, () => record, nowMs);
  return verified === null ? null : callerOf(verified);
}

/** Links that nobody used and sessions that are over would otherwise stay for ever. */
export async function removeExpiredCredentials(store: CredentialStore, nowMs: number): Promise<void> {
  for (const record of await store.list()) {
    const isCredential = roleIn(record, "login") !== null || roleIn(record, "session") !== null;
    if (isCredential && record.expiresAtMs !== null && record.expiresAtMs <= nowMs) await store.remove(record.name);
  }
}

function roleIn({ role }: CredentialRecord, kind: CredentialKind): Role | null {
  return role.startsWith(`${kind}:`) ? parseRole(role.slice(kind.length + 1)) : null;
}
