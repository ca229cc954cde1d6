import type { Authenticator } from "@trinity/auth/authenticator";
import { mayDo, type Permission } from "@trinity/auth/role";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Decides before the body is read: a stranger's bytes are never inflated or parsed. */
export function requirePermission(authenticator: Authenticator, permission: Permission) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const authentication = await authenticator.authenticate(request.headers, request.ip);
    if (authentication.kind === "limited")
      return sendProblem(request, reply, "too-many-requests", { retryAfterS: authentication.retryAfterS });
    if (authentication.kind === "unauthenticated") return sendProblem(request, reply, "unauthenticated");
    if (!mayDo(authentication.caller.role, permission)) return sendProblem(request, reply, "forbidden");
    return undefined;
  };
}
