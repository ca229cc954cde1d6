import { failed, ok, type Result } from "@trinity/runtime/result";
import { type ApiKeyRecord, createApiKey } from "./api-key.ts";
import { parseOperatorKey } from "./operator-key.ts";
import type { Role } from "./role.ts";

/** The variables that may contain a key, and its role. Keys are generated only for the operator's variables. */
const variables = [
  { variable: "TRINITY_ADMIN_KEY", role: "admin", isOffered: true },
  { variable: "TRINITY_INGEST_KEY", role: "service", isOffered: true },
  { variable: "TRINITY_DEMO_KEY", role: "service", isOffered: false },
] as const satisfies readonly { variable: string; role: Role; isOffered: boolean }[];

type Variables = Readonly<Partial<Record<(typeof variables)[number]["variable"], string | undefined>>>;

/** A key to store unless one of its name ever existed. Only its hash is stored; the key itself is shown once. */
export type OfferedKey = {
  readonly role: Role;
  /** The variable in which the key can be given from now on. */
  readonly variable: string;
  readonly presented: string;
  readonly record: ApiKeyRecord;
};

export type StartupKeys = {
  /** The keys of the variables: they are valid for the life of the process. */
  readonly fixed: readonly ApiKeyRecord[];
  /** One for each role without an operator's key. */
  readonly offered: readonly OfferedKey[];
};

export type StartupKeysSettings = {
  readonly env: Variables;
  readonly nowMs: number;
  readonly randomBytes: (size: number) => Uint8Array;
};

/** Parses the operator's keys, and makes one for each role without. @returns the keys, or a line for each wrong variable */
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
  /** Stores a key unless one of its name exists; of several processes that race, one stores it. */
  readonly putIfAbsent: (key: ApiKeyRecord) => Promise<boolean>;
  readonly show: (key: OfferedKey) => void;
};

/** Stores the keys that do not exist yet, and shows those. */
export async function placeKeys(offered: readonly OfferedKey[], { putIfAbsent, show }: KeyPlacing): Promise<void> {
  for (const key of offered) if (await putIfAbsent(key.record)) show(key);
}
