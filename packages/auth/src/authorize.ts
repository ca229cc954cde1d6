import { failed, ok, type Result } from "@trinity/runtime/result";
import type { AuthProblem } from "./auth-problem.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";
import type { RequestHeaders } from "./presented-key.ts";
import { mayDo, type Permission } from "./role.ts";

/** Authenticates a request and checks its permission, from its headers alone: the body of an unknown caller is never read. */
export async function authorize(
  authenticator: Authenticator,
  { headers, ip }: { readonly headers: RequestHeaders; readonly ip: string },
  permission: Permission,
): Promise<Result<Caller, AuthProblem>> {
  const authenticated = await authenticator.authenticate(headers, ip);
  return authenticated.ok ? permit(authenticated.value, permission) : authenticated;
}

export function permit(caller: Caller, permission: Permission): Result<Caller, AuthProblem> {
  return mayDo(caller.role, permission) ? ok(caller) : failed({ kind: "forbidden" });
}
