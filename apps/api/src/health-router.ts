import { z } from "zod";
import { booksAnswer, readBooks } from "./books.ts";
import { waitForFold } from "./fold-wait.ts";
import { refused } from "./refusal.ts";
import { procedure, router } from "./trpc.ts";
import { readVerificationAnswer, verificationAnswer } from "./verification.ts";

export const healthRouter = router({
  books: procedure({
    permission: "health:read",
    rest: { method: "GET", path: "/health/books" },
    summary: "What became of everything that was received, in all and by source.",
    answer: booksAnswer,
  })
    .input(z.strictObject({}).optional())
    .query(async ({ ctx, signal = new AbortController().signal }) => {
      if (!(await waitForFold(ctx.store, ctx.clock, ctx.pause, signal))) {
        throw refused({ slug: "unavailable", detail: "The newest receipts are not folded yet.", retryAfterS: 1 });
      }
      return readBooks(ctx.store, ctx.clock.nowMs());
    }),

  verification: procedure({
    permission: "health:read",
    rest: { method: "GET", path: "/health/verification" },
    summary: "Which buckets were derived again from the log and found the same, and what was repaired.",
    answer: verificationAnswer,
  })
    .input(z.strictObject({}).optional())
    .query(async ({ ctx }) => readVerificationAnswer(ctx.store, await ctx.readLogCheck())),
});
