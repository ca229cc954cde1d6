import { parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { overviewAnswer } from "./overview-answer.ts";
import { dashboardOverview } from "./overviews.ts";
import { question } from "./question.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

const { filter: _, ...rangeQuestion } = scopeQuestion;

export const dashboardRouter = router({
  overview: question(
    {
      kind: "overview",
      rest: { method: "GET", path: "/dashboard/overview", aliases: ["/analytics/dashboard/overview"] },
      summary: "Gives the numbers that a first look wants, by the day where they are followed, each beside the period before.",
      answer: overviewAnswer,
    },
    rangeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope({ ...input, filter: [] }, []));
    return shown(await ask(ctx, { kind: "overview", scope, numbers: dashboardOverview }));
  }),
});
