import { prefixOf } from "@trinity/auth/api-key";
import { createCredential, removeExpiredCredentials, verifyCredential } from "@trinity/auth/credential";
import { endedSessionCookie, isFromOurPage, presentedSession, sessionCookie } from "@trinity/auth/session-cookie";
import { createWrongKeyLimit } from "@trinity/auth/wrong-key-limit";
import { sendProblem } from "@trinity/http/problem-handling";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Resources } from "./context.ts";

type LoginSettings = Pick<Resources, "keys" | "clock" | "randomBytes">;

const loginBody = z.strictObject({ token: z.string().max(256) });

/**
 * `POST /login` exchanges the token of a login link for a session, once; `POST /logout` ends the session. Only pages of ours may ask for
 * either, so that no other page logs somebody in or out.
 */
export function installLogin(app: FastifyInstance, { keys, clock, randomBytes }: LoginSettings): void {
  const wrongTokens = createWrongKeyLimit();

  app.post("/login", async (request, reply) => {
    if (!isFromOurPage(request.headers)) return rejectOrigin(request, reply);
    const token = tokenOf(request.body);
    if (token === null) return sendProblem(request, reply, "invalid-input", { errors: [{ path: "token", message: "must be a text" }] });
    const nowMs = clock.nowMs();
    const link = await keys.findByPrefix(prefixOf(token));
    const caller = verifyCredential("login", token, link, nowMs);
    // Of several that present it at once, one removes it.
    if (caller === null || !(await keys.remove(caller.name))) return rejectLink(request, reply, wrongTokens.countWrong(request.ip, nowMs));
    await removeExpiredCredentials(keys, nowMs);
    const { presented, record } = createCredential({ kind: "session", role: caller.role, nowMs, randomBytes });
    await keys.put(record);
    return reply.code(204).header("cache-control", "no-store").header("set-cookie", sessionCookie(presented)).send();
  });

  app.post("/logout", async (request, reply) => {
    if (!isFromOurPage(request.headers)) return rejectOrigin(request, reply);
    const session = presentedSession(request.headers);
    const found = session === null ? undefined : await keys.findByPrefix(prefixOf(session));
    const caller = session === null ? null : verifyCredential("session", session, found, clock.nowMs());
    if (caller !== null) await keys.remove(caller.name);
    return reply.code(204).header("cache-control", "no-store").header("set-cookie", endedSessionCookie).send();
  });
}

function tokenOf(body: unknown): string | null {
  try {
    return loginBody.parse(JSON.parse(body as string)).token;
  } catch {
    return null;
  }
}

function rejectOrigin(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(request, reply, "forbidden", { detail: "Only the product's own pages may ask for this." });
}

function rejectLink(request: FastifyRequest, reply: FastifyReply, retryAfterS: number | null): FastifyReply {
  if (retryAfterS !== null) return sendProblem(request, reply, "too-many-requests", { retryAfterS });
  return sendProblem(request, reply, "gone", { detail: "This login link was used already, has expired, or was never valid." });
}
