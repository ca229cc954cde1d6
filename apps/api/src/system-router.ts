import { parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { overviewAnswer } from "./overview-answer.ts";
import { systemOverview } from "./overviews.ts";
import { question } from "./question.ts";
import { parseScope, scopeQuestion } from "./scope-question.ts";
import { router } from "./trpc.ts";

const { filter: _, ...rangeQuestion } = scopeQuestion;

export const systemRouter = router({
  performance: question(
    {
      kind: "overview",
      rest: { method: "GET", path: "/system/performance", aliases: ["/analytics/system/performance"] },
      summary: "Gives requests, errors, latencies, what was ingested and what resources are used, each beside the period before.",
      answer: overviewAnswer,
    },
    rangeQuestion,
  ).query(async ({ ctx, input }) => {
    const scope = parsed(parseScope({ ...input, filter: [] }, []));
    return shown(await ask(ctx, { kind: "overview", scope, numbers: systemOverview }));
  }),
});
