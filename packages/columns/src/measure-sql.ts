import {
  contentViewMeasure,
  eventMeasure,
  matchMeasure,
  requestComponent,
  requestMeasure,
  userActivityMeasure,
  voteComponent,
  voteMeasure,
} from "@trinity/aggregation/event-measures";
import { histogramRelativeError } from "@trinity/aggregation/histogram";
import { catalogue } from "@trinity/events/catalogue";
import { text } from "./sql-text.ts";

/** How SQL counts a measure of single events: its second definition, beside `amountsOf`. */
export type MeasureSql = {
  /** Which events count. */
  readonly where: string;
  /** The sum of each component over a group of events. */
  readonly sums: Readonly<Record<number, string>>;
  /** Of a histogram: the bin of an event, and the component of bin 0. */
  readonly bin?: { readonly of: string; readonly first: number };
  /** The components are users, each with the only sum. */
  readonly countsUsers?: true;
};

const logGamma = Math.log((1 + histogramRelativeError) / (1 - histogramRelativeError));

const telemetry = ["span", "log_record", "metric_point"].map(text).join(", ");
const userActions = catalogue.flatMap(({ eventType, userAction }) => (userAction ? [text(eventType)] : [])).join(", ");
const ofType = (...types: readonly string[]) => `eventType IN (${types.map(text).join(", ")})`;
const count = (condition?: string) => `count(*)${condition === undefined ? "" : ` FILTER (${condition})`}`;

const { like, dislike, skip, recommendedLike, recommended } = voteComponent;
const { requests, errors, durationSumUs, durationBin0 } = requestComponent;

/** By measure. A measure that is missing here has no definition in SQL: its contributions are read from the log. */
export const measureSql: Readonly<Record<string, MeasureSql>> = {
  [eventMeasure.name]: { where: `eventType NOT IN (${telemetry})`, sums: { 0: count() } },
  [userActivityMeasure.name]: {
    where: `userNumber IS NOT NULL AND eventType IN (${userActions})`,
    sums: { 0: count() },
    countsUsers: true,
  },
  [voteMeasure.name]: {
    where: ofType("vote_content"),
    sums: {
      [like]: count("vote = 'like'"),
      [dislike]: count("vote = 'dislike'"),
      [skip]: count("vote = 'skip'"),
      [recommendedLike]: count("vote = 'like' AND recommended"),
      [recommended]: count("recommended"),
    },
  },
  [contentViewMeasure.name]: { where: ofType("title_shown", "media_viewed"), sums: { 0: count() } },
  [matchMeasure.name]: { where: ofType("match_found"), sums: { 0: count() } },
  [requestMeasure.name]: {
    where: `${ofType("span")} AND kind = 'server'`,
    sums: { [requests]: count(), [errors]: count("failed"), [durationSumUs]: "sum(durationUs)" },
    bin: { of: binSql("durationUs"), first: durationBin0 },
  },
};

/**
 * The bin of a value, as `binOf` has it. Its logarithm and that of SQL may differ in the last digit: a test compares the values at all edges.
 */
export function binSql(value: string): string {
  return `if(${value} < 1, 0, ceil(ln(${value}) / ${logGamma} - 1e-9) + 1)::INTEGER`;
}
