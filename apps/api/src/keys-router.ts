import { calendarOf } from "@trinity/aggregation/calendar";
import { createApiKey } from "@trinity/auth/api-key";
import { roles } from "@trinity/auth/role";
import type { StoredApiKey } from "@trinity/storage/key-store";
import { z } from "zod";
import { apiError } from "./api-problem.ts";
import { parseInstant } from "./instant.ts";
import { instantText } from "./metric-question.ts";
import { procedure, router } from "./trpc.ts";

const keyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
  .describe("Names the key in lists and for revoking: letters, digits, dot, dash, underscore.");

const listedKey = z.strictObject({
  name: z.string(),
  role: z.string(),
  prefix: z.string().describe("The second part of the key itself, to recognise it by."),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
});

export const keysRouter = router({
  list: procedure({
    permission: "keys:manage",
    rest: { method: "GET", path: "/admin/keys" },
    summary: "Lists the API keys of the store, without what could be presented.",
    answer: z.strictObject({ keys: z.array(listedKey) }),
  })
    .input(z.strictObject({}).optional())
    .query(async ({ ctx }) => ({ keys: (await ctx.keys.list()).map(listed) })),

  create: procedure({
    permission: "keys:manage",
    rest: { method: "POST", path: "/admin/keys" },
    summary: "Creates an API key. The answer is the only place where it is ever shown.",
    answer: listedKey.extend({ key: z.string().describe("Shown once.") }),
  })
    .input(z.strictObject({ name: keyName, role: z.enum(roles), expiresAt: instantText.optional() }))
    .mutation(async ({ ctx, input: { name, role, expiresAt } }) => {
      const nowMs = ctx.clock.nowMs();
      const expiresAtMs = expiresAt === undefined ? null : parseInstant(expiresAt, calendarOf("UTC"));
      if (expiresAt !== undefined && (expiresAtMs === null || expiresAtMs <= nowMs)) {
        throw apiError({ slug: "invalid-input", errors: [{ path: "expiresAt", message: "must be an instant in the future" }] });
      }
      const { presented, record } = createApiKey({ name, role, createdAtMs: nowMs, expiresAtMs }, ctx.randomBytes);
      if (!(await ctx.keys.putIfAbsent(record)))
        throw apiError({ slug: "conflict", detail: "There is a key of this name: revoke it first." });
      return { ...listed(record), key: presented };
    }),

  revoke: procedure({
    permission: "keys:manage",
    rest: { method: "DELETE", path: "/admin/keys/{name}" },
    summary: "Revokes an API key: it is refused from now on, and the streams it opened end.",
    answer: z.strictObject({ revoked: z.string() }),
  })
    .input(z.strictObject({ name: z.string().min(1).max(100).describe("As the list shows it.") }))
    .mutation(async ({ ctx, input: { name } }) => {
      if (!(await ctx.keys.remove(name))) throw apiError({ slug: "not-found", detail: "There is no key of this name." });
      return { revoked: name };
    }),
});

function listed({ name, role, prefix, createdAtMs, expiresAtMs }: StoredApiKey) {
  return {
    name,
    role,
    prefix,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  };
}
