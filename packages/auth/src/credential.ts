import { type ApiKeyRecord, createApiKey, verifyApiKey } from "./api-key.ts";
import { type Caller, callerOf } from "./caller.ts";
import { parseRole, type Role } from "./role.ts";

/**
 * Presented by a browser instead of a key: a login link works once, a session until it expires. Both are stored beside the keys, with a
 * role that no key has, such as `login:admin`: so neither is confused with a key or with the other.
 */
export type CredentialKind = "login" | "session";

/** As stored: only its hash. */
export type CredentialRecord = Omit<ApiKeyRecord, "role"> & { readonly role: string };

export const validForMs: Readonly<Record<CredentialKind, number>> = { login: 15 * 60_000, session: 12 * 60 * 60_000 };

/** The operations of a key store that the clean-up needs. */
type CredentialStore = {
  list(): Promise<readonly CredentialRecord[]>;
  remove(name: string): Promise<boolean>;
};

export type CredentialSettings = {
  readonly kind: CredentialKind;
  /** The role of the caller. */
  readonly role: Role;
  readonly nowMs: number;
  /** A cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
};

/** @returns the secret to show once, and the record to store */
export function createCredential({ kind, role, nowMs, randomBytes }: CredentialSettings): {
  readonly presented: string;
  readonly record: CredentialRecord;
} {
  const details = { role, name: "", createdAtMs: nowMs, expiresAtMs: nowMs + validForMs[kind] };
  const { presented, record } = createApiKey(details, randomBytes);
  // A space distinguishes the name from names that people give to keys.
  return { presented, record: { ...record, role: `${kind}:${role}`, name: `${kind} ${record.prefix}` } };
}

/**
 * @param found the record with the prefix of the presented secret
 * @returns its caller; `null` if it is unknown, wrong, expired or of another kind
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

/** Removes unused links and expired sessions, which would otherwise stay for ever. */
export async function removeExpiredCredentials(store: CredentialStore, nowMs: number): Promise<void> {
  for (const record of await store.list()) {
    const isCredential = roleIn(record, "login") !== null || roleIn(record, "session") !== null;
    if (isCredential && record.expiresAtMs !== null && record.expiresAtMs <= nowMs) await store.remove(record.name);
  }
}

function roleIn({ role }: CredentialRecord, kind: CredentialKind): Role | null {
  return role.startsWith(`${kind}:`) ? parseRole(role.slice(kind.length + 1)) : null;
}
