import { type ApiKeyRecord, verifyApiKey } from "./api-key.ts";
import { type Caller, callerOf } from "./caller.ts";
import { presentedKey } from "./presented-key.ts";
import { parseRole } from "./role.ts";
import { createWrongKeyLimit } from "./wrong-key-limit.ts";

/** A key as a store gives it: the role is text until it is looked at. */
type ListedKey = Omit<ApiKeyRecord, "role"> & { readonly role: string };

export type Authentication =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "unauthenticated" }
  /** So many wrong keys came from this address that it has to wait. */
  | { readonly kind: "limited"; readonly retryAfterS: number };

export type Authenticator = {
  /** Who presents these headers. Rejects only when the keys could never be read. */
  authenticate(headers: Readonly<Record<string, string | readonly string[] | undefined>>, address: string): Promise<Authentication>;
};

export type AuthenticatorSettings = {
  /** Keys that hold as long as the process lives, such as those of environment variables. */
  readonly fixed: readonly ApiKeyRecord[];
  /** All keys of the store. */
  readonly list: () => Promise<readonly ListedKey[]>;
  readonly clock: { nowMs(): number };
  /** How long a list is believed: so long a revoked key may still work. */
  readonly believedForMs?: number;
};

export function createAuthenticator({ fixed, list, clock, believedForMs = 2_000 }: AuthenticatorSettings): Authenticator {
  const wrongKeys = createWrongKeyLimit();
  let byPrefix: ReadonlyMap<string, ApiKeyRecord> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const startedAtMs = clock.nowMs();
    const listed = (await list()).flatMap((key) => {
      const role = parseRole(key.role);
      return role === null ? [] : [{ ...key, role }];
    });
    byPrefix = new Map([...listed, ...fixed].map((key) => [key.prefix, key]));
    readAtMs = startedAtMs;
  }

  async function keys(): Promise<ReadonlyMap<string, ApiKeyRecord>> {
    const nowMs = clock.nowMs();
    if (byPrefix !== null && nowMs >= readAtMs && nowMs < readAtMs + believedForMs) return byPrefix;
    reading ??= read().finally(() => {
      reading = null;
    });
    // A store that fails for a moment must not lock out everybody: the last list goes on until it answers again.
    if (byPrefix === null) await reading;
    else await reading.catch(() => undefined);
    return byPrefix as unknown as ReadonlyMap<string, ApiKeyRecord>;
  }

  return {
    async authenticate(headers, address) {
      const presented = presentedKey(headers);
      if (presented.kind === "absent") return { kind: "unauthenticated" };
      const known = await keys();
      const record = presented.kind === "refused" ? null : verifyApiKey(presented.key, (prefix) => known.get(prefix), clock.nowMs());
      if (record !== null) return { kind: "caller", caller: callerOf(record) };
      const retryAfterS = wrongKeys.refused(address, clock.nowMs());
      return retryAfterS === null ? { kind: "unauthenticated" } : { kind: "limited", retryAfterS };
    },
  };
}
