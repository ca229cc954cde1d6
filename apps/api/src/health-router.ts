import { waitForFold } from "./fold-wait.ts";
import { ingestCountsAnswer, readIngestCounts } from "./ingest-counts.ts";
import { bareQuestion } from "./question.ts";
import { refused } from "./refusal.ts";
import { router } from "./trpc.ts";
import { readVerificationAnswer, verificationAnswer } from "./verification.ts";

export const healthRouter = router({
  books: bareQuestion({
    permission: "health:read",
    rest: { method: "GET", path: "/health/books" },
    summary: "What became of everything that was received, in all and by source.",
    answer: ingestCountsAnswer,
  }).query(async ({ ctx, signal = new AbortController().signal }) => {
    if (!(await waitForFold(ctx.store, ctx.clock, ctx.pause, signal))) {
      throw refused({ slug: "unavailable", detail: "The newest receipts are not folded yet.", retryAfterS: 1 });
    }
    return readIngestCounts(ctx.store, ctx.clock.nowMs());
  }),

  verification: bareQuestion({
    permission: "health:read",
    rest: { method: "GET", path: "/health/verification" },
    summary: "Which buckets were derived again from the log and found the same, and what was repaired.",
    answer: verificationAnswer,
  }).query(async ({ ctx }) => readVerificationAnswer(ctx.store, await ctx.readLogCheck())),
});
