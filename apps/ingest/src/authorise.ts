import type { Authenticator } from "@trinity/auth/authenticator";
import { authorize } from "@trinity/auth/authorize";
import type { Caller } from "@trinity/auth/caller";
import type { Permission } from "@trinity/auth/role";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Lets only callers with the permission send a body. @returns the caller; null once it has answered with a problem */
export async function authorise(
  authenticator: Authenticator,
  permission: Permission,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller | null> {
  const authorized = await authorize(authenticator, request, permission);
  if (authorized.ok) return authorized.value;
  const { kind, ...wait } = authorized.error;
  sendProblem(request, reply, kind, wait);
  return null;
}
