import { failed, ok, type Result } from "@trinity/runtime/result";
import { type ApiKeyRecord, createApiKey } from "./api-key.ts";
import { parseOperatorKey } from "./operator-key.ts";
import type { Role } from "./role.ts";

/** The variables that may carry a key, and what a key in them may do. Only an operator's key is offered where there is none. */
const variables = [
  { variable: "TRINITY_ADMIN_KEY", role: "admin", isOffered: true },
  { variable: "TRINITY_INGEST_KEY", role: "service", isOffered: true },
  { variable: "TRINITY_DEMO_KEY", role: "service", isOffered: false },
] as const satisfies readonly { variable: string; role: Role; isOffered: boolean }[];

type Variables = Readonly<Partial<Record<(typeof variables)[number]["variable"], string | undefined>>>;

/** A key to be put in place unless there ever was one of its name. Only its hash is kept: what is presented is shown once. */
export type OfferedKey = {
  readonly role: Role;
  /** Where the key can be given from now on. */
  readonly variable: string;
  readonly presented: string;
  readonly record: ApiKeyRecord;
};

export type StartupKeys = {
  /** The keys of the variables: they are valid as long as the process lives. */
  readonly fixed: readonly ApiKeyRecord[];
  /** One for each role that the operator gave no key. */
  readonly offered: readonly OfferedKey[];
};

export type StartupKeysSettings = {
  readonly env: Variables;
  readonly nowMs: number;
  readonly randomBytes: (size: number) => Uint8Array;
};

/** Takes the operator's keys, and makes one for each role that the operator gave none. @returns them, or a line for each variable that is wrong */
export function startupKeys({ env, nowMs, randomBytes }: StartupKeysSettings): Result<StartupKeys, readonly string[]> {
  const fixed: ApiKeyRecord[] = [];
  const offered: OfferedKey[] = [];
  const problems: string[] = [];
  for (const { variable, role, isOffered } of variables) {
    const given = env[variable];
    const details = { role, name: `${role} (first start)`, createdAtMs: nowMs, expiresAtMs: null };
    if (given !== undefined && given !== "") {
      const key = parseOperatorKey(given, { ...details, name: variable });
      if (key.ok) fixed.push(key.value);
      else problems.push(`${variable}: ${key.error}`);
    } else if (isOffered) offered.push({ role, variable, ...createApiKey(details, randomBytes) });
  }
  return problems.length > 0 ? failed(problems) : ok({ fixed, offered });
}

export type KeyPlacing = {
  /** Puts a key in place unless one of its name is there; of several processes that race, one does. */
  readonly putIfAbsent: (key: ApiKeyRecord) => Promise<boolean>;
  readonly show: (key: OfferedKey) => void;
};

/** Puts keys in place for which there are none yet, and shows those. */
export async function placeKeys(offered: readonly OfferedKey[], { putIfAbsent, show }: KeyPlacing): Promise<void> {
  for (const key of offered) if (await putIfAbsent(key.record)) show(key);
}
