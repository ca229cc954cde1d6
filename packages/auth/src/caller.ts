import type { ApiKeyRecord } from "./api-key.ts";
import type { Role } from "./role.ts";

/** The caller, as permission checks, rate limits and audit entries may know it. */
export type Caller = {
  readonly role: Role;
  readonly name: string;
  /** Names the key in logs and in the audit. */
  readonly prefix: string;
};

export function callerOf({ role, name, prefix }: ApiKeyRecord): Caller {
  return { role, name, prefix };
}
