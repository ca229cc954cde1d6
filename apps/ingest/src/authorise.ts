import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import type { Permission } from "@trinity/auth/role";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyReply, FastifyRequest } from "fastify";

/** A hook that lets only callers with the permission send a body. */
export function requirePermission(authenticator: Authenticator, permission: Permission) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const authorized = await authorize(authenticator, request, permission);
    if (authorized.ok) return undefined;
    const { kind, ...wait } = authorized.error;
    return sendProblem(request, reply, kind, wait);
  };
}
