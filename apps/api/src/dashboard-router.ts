import { answerOverview } from "@trinity/query/answer-overview";
import { overviewAnswer, showOverview } from "./overview.ts";
import { dashboardOverview } from "./overviews.ts";
import { question } from "./question.ts";
import { accepted } from "./refusal.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

const { filter: _, ...rangeQuestion } = scopeQuestion;

export const dashboardRouter = router({
  overview: question(
    {
      permission: "metrics:read",
      rest: { method: "GET", path: "/dashboard/overview", aliases: ["/analytics/dashboard/overview"] },
      summary: "Gives the numbers that a first look wants, by the day where they are followed, each beside the period before.",
      answer: overviewAnswer,
    },
    rangeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = accepted(parseScope({ ...input, filter: [] }, []));
    return showOverview(scope, dashboardOverview, accepted(await answerOverview(ctx.store, scope, dashboardOverview, ctx.clock.nowMs())));
  }),
});
