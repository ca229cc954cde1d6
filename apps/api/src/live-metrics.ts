import { z } from "zod";
import { type Asker, ask, freshnessOf } from "./ask.ts";
import { freshnessFields } from "./metric-answer.ts";

const value = z.number().nullable();
export const liveMetricsAnswer = z.strictObject({
  ...freshnessFields,
  today: z.record(z.string(), value).describe("Since midnight UTC."),
  last60Minutes: z.record(z.string(), value).describe("The 60 minutes up to now, the present one included."),
});
type LiveMetricsAnswer = z.infer<typeof liveMetricsAnswer>;

export type LiveMetrics = {
  /**
   * The numbers at a revision or a later one: computed once for all readers of the feed.
   * @param reader the first of them
   */
  at(revision: number, reader: Asker): Promise<LiveMetricsAnswer>;
};

export function createLiveMetrics(): LiveMetrics {
  let latest: { readonly revision: number; readonly answer: Promise<LiveMetricsAnswer> } | null = null;
  return {
    at(revision, reader) {
      if (latest !== null && latest.revision >= revision) return latest.answer;
      const answer = ask(reader, { kind: "liveMetrics" }).then((found) => ({ ...freshnessOf(found), ...found.data }));
      latest = { revision, answer };
      answer.catch(() => {
        latest = null;
      });
      return answer;
    },
  };
}
