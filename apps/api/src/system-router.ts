import { answerOverview } from "@trinity/query/answer-overview";
import { overviewAnswer, showOverview } from "./overview.ts";
import { systemOverview } from "./overviews.ts";
import { question } from "./question.ts";
import { accepted } from "./refusal.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

const { filter: _, ...rangeQuestion } = scopeQuestion;

export const systemRouter = router({
  performance: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/system/performance", aliases: ["/analytics/system/performance"] },
      summary: "Gives requests, errors, latencies, what was ingested and what resources are used, each beside the period before.",
      answer: overviewAnswer,
    },
    rangeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope({ ...input, filter: [] }, []));
    return showOverview(scope, systemOverview, accepted(await answerOverview(ctx.store, scope, systemOverview, ctx.clock.nowMs())));
  }),
});
