import { apiError } from "./api-problem.ts";
import { ask, freshnessOf } from "./ask.ts";
import { waitForFold } from "./fold-wait.ts";
import { ingestionAnswer } from "./ingestion-answer.ts";
import { bareQuestion } from "./question.ts";
import { router } from "./trpc.ts";
import { verificationAnswer } from "./verification-answer.ts";

const ingestion = (path: "/health/ingestion" | "/health/books", summary: string) =>
  bareQuestion({ kind: "ingestion", rest: { method: "GET", path }, summary, answer: ingestionAnswer }).query(
    async ({ ctx, signal = new AbortController().signal }) => {
      if (!(await waitForFold(ctx, signal))) {
        throw apiError({ slug: "unavailable", detail: "The newest receipts are not folded yet.", retryAfterS: 1 });
      }
      const answer = await ask(ctx, { kind: "ingestion" });
      return { ...answer.data, ...freshnessOf(answer) };
    },
  );

export const healthRouter = router({
  ingestion: ingestion("/health/ingestion", "What became of everything that was received, in all and by source."),
  books: ingestion("/health/books", "The former name of `/health/ingestion`."),

  verification: bareQuestion({
    kind: "verification",
    rest: { method: "GET", path: "/health/verification" },
    summary: "Which buckets were derived again from the log and found the same, and what was repaired.",
    answer: verificationAnswer,
  }).query(async ({ ctx }) => (await ask(ctx, { kind: "verification" })).data),
});
