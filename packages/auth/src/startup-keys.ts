import { type ApiKeyRecord, createApiKey } from "./api-key.ts";
import { parseOperatorKey } from "./operator-key.ts";
import type { Role } from "./role.ts";

/** The variables that may carry a key, and what a key in them may do. */
const variables = [
  { variable: "TRINITY_ADMIN_KEY", role: "admin" },
  { variable: "TRINITY_INGEST_KEY", role: "service" },
] as const satisfies readonly { variable: string; role: Role }[];

type Variables = Readonly<Partial<Record<(typeof variables)[number]["variable"], string | undefined>>>;

export type StartupKeys =
  | {
      /** The operator's own keys: they hold as long as the process lives. */
      readonly fixed: readonly ApiKeyRecord[];
      /** Keys that were made just now, to be shown once: only their hash is kept. */
      readonly made: readonly { readonly role: Role; readonly presented: string }[];
    }
  | { readonly problems: readonly string[] };

export type StartupKeysSettings = {
  readonly env: Variables;
  /** Puts a key in place unless one of its name is there; of several processes that race, one does. */
  readonly putIfAbsent: (key: ApiKeyRecord) => Promise<boolean>;
  readonly nowMs: number;
  readonly randomBytes: (size: number) => Uint8Array;
};

/** Takes the operator's keys, and makes one for each role that the operator gave none and that was never given one. */
export async function startupKeys({ env, putIfAbsent, nowMs, randomBytes }: StartupKeysSettings): Promise<StartupKeys> {
  const fixed: ApiKeyRecord[] = [];
  const made: { role: Role; presented: string }[] = [];
  const problems: string[] = [];
  for (const { variable, role } of variables) {
    const given = env[variable];
    const details = { role, name: `${role} (first start)`, createdAtMs: nowMs, expiresAtMs: null };
    if (given !== undefined && given !== "") {
      const key = parseOperatorKey(given, { ...details, name: variable });
      if (key.ok) fixed.push(key.record);
      else problems.push(`${variable}: ${key.reason}`);
    } else {
      const { presented, record } = createApiKey(details, randomBytes);
      if (await putIfAbsent(record)) made.push({ role, presented });
    }
  }
  return problems.length > 0 ? { problems } : { fixed, made };
}
