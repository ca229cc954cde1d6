import type { Clock } from "@trinity/runtime/clock";
import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import { type ApiKeyRecord, prefixOf, verifyApiKey } from "./api-key.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { type Caller, callerOf } from "./caller.ts";
import { type CredentialRecord, verifyCredential } from "./credential.ts";
import { presentedKey, type RequestHeaders } from "./presented-key.ts";
import { parseRole } from "./role.ts";
import { presentedSession } from "./session-cookie.ts";
import { createWrongKeyLimit } from "./wrong-key-limit.ts";

export type Authenticator = {
  /** The caller of a request, by its key or, without one, by its session. Rejects only when the keys could never be read. */
  authenticate(headers: RequestHeaders, address: string): Promise<Result<Caller, AuthProblem>>;
};

export type AuthenticatorSettings = {
  /** Keys that are valid for the life of the process, such as those of environment variables. */
  readonly fixed: readonly ApiKeyRecord[];
  /** All keys of the store. */
  readonly list: () => Promise<readonly CredentialRecord[]>;
  readonly clock: Clock;
  /** How long a list is cached: a revoked key may work that long. */
  readonly cachedForMs?: number;
  /** Whether the session of a page counts if no key is presented. */
  readonly takesSessions?: boolean;
};

type Known = {
  readonly keys: ReadonlyMap<string, ApiKeyRecord>;
  /** Records of the store that are no keys, such as sessions. */
  readonly others: ReadonlyMap<string, CredentialRecord>;
};

export function createAuthenticator(settings: AuthenticatorSettings): Authenticator {
  const { fixed, list, clock, cachedForMs = 2_000, takesSessions = false } = settings;
  const wrongKeys = createWrongKeyLimit();
  let known: Known | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const startedAtMs = clock.nowMs();
    const listed = await list();
    const keys = listed.flatMap((key) => {
      const role = parseRole(key.role);
      return role === null ? [] : [{ ...key, role }];
    });
    known = {
      keys: new Map([...keys, ...fixed].map((key) => [key.prefix, key])),
      others: new Map(listed.filter(({ role }) => parseRole(role) === null).map((record) => [record.prefix, record])),
    };
    readAtMs = startedAtMs;
  }

  async function readKnown(): Promise<Known> {
    const nowMs = clock.nowMs();
    if (known !== null && nowMs >= readAtMs && nowMs < readAtMs + cachedForMs) return known;
    reading ??= read().finally(() => {
      reading = null;
    });
    // A store that fails for a moment must not lock out all callers: use the last list until it answers again.
    if (known === null) await reading;
    else await reading.catch(() => undefined);
    return known as unknown as Known;
  }

  function rejected(address: string): Failed<AuthProblem> {
    const retryAfterS = wrongKeys.countWrong(address, clock.nowMs());
    return failed(retryAfterS === null ? { kind: "unauthenticated" } : { kind: "too-many-requests", retryAfterS });
  }

  return {
    async authenticate(headers, address) {
      const presented = presentedKey(headers);
      if (presented.kind === "absent") {
        const session = takesSessions ? presentedSession(headers) : null;
        if (session === null) return failed({ kind: "unauthenticated" });
        const { others } = await readKnown();
        const caller = verifyCredential("session", session, others.get(prefixOf(session)), clock.nowMs());
        return caller === null ? rejected(address) : ok(caller);
      }
      const { keys } = await readKnown();
      const record = presented.kind === "invalid" ? null : verifyApiKey(presented.key, (prefix) => keys.get(prefix), clock.nowMs());
      return record === null ? rejected(address) : ok(callerOf(record));
    },
  };
}
