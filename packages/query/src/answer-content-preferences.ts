import { totalOf } from "@trinity/aggregation/answer";
import type { MetricValue } from "@trinity/aggregation/metric-value";
import type { QueryProblem } from "@trinity/aggregation/plan";
import { type Ranked, rankByShrunkenRate } from "@trinity/aggregation/shrunken-rates";
import type { EventStore } from "@trinity/storage/event-store";
import { answerMetrics, type QuestionScope } from "./answer-metrics.ts";

/** What preferences can be told apart by besides the genre. */
export const preferenceGroupings = ["mediaType", "hourOfDay", "weekday"] as const;
export type PreferenceGrouping = (typeof preferenceGroupings)[number];

export type GenrePreference = { readonly by: Readonly<Record<string, string>>; readonly positive: MetricValue };
export type ContentPreferences = {
  /** The positive rate of all votes; by genre a vote counts once under each genre of its title. */
  readonly overall: MetricValue;
  readonly preferences: Ranked<GenrePreference>;
  readonly asOf: string;
  readonly revision: number;
};

/**
 * Which genres are liked, that with the highest shrunken rate first.
 * @param nowMs the present, read before the call
 * @throws {ScanLimitError}
 */
export async function answerContentPreferences(
  store: EventStore,
  scope: QuestionScope,
  by: PreferenceGrouping | null,
  nowMs: number,
): Promise<ContentPreferences | QueryProblem> {
  const metric = "positive_rate";
  const found = await answerMetrics(
    store,
    scope,
    { overall: { metric }, byGenre: { metric, by: by === null ? ["genre"] : ["genre", by] } },
    nowMs,
  );
  if ("message" in found) return found;
  const { overall, byGenre } = found.answers;
  const lines = byGenre.totals.map(({ by: values, ...positive }) => ({ by: values, positive }));
  return {
    overall: totalOf(overall),
    preferences: rankByShrunkenRate(lines, ({ positive: { numerator = 0, denominator = 0 } }) => ({
      successes: numerator,
      trials: denominator,
    })),
    asOf: found.asOf,
    revision: found.revision,
  };
}
