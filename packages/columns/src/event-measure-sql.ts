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
import { catalogue } from "@trinity/events/catalogue";
import { binSql } from "./bin-sql.ts";
import { dimensionSql } from "./dimension-sql.ts";
import { eventTable } from "./event-table.ts";
import { isProductEvent, ofType } from "./event-type-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { text } from "./sql-text.ts";

const userActions = catalogue.flatMap(({ eventType, userAction }) => (userAction ? [text(eventType)] : [])).join(", ");
const count = (where = "true", ...by: readonly string[]) => ({ where, by });

const { like, dislike, skip, recommendedLike, recommended } = voteComponent;
const { requests, errors, durationSumUs, durationBin0 } = requestComponent;

type EventSums = Pick<MeasureSql, "where" | "sums" | "bins" | "component">;

const sums: Readonly<Record<string, EventSums>> = {
  [eventMeasure.name]: { where: isProductEvent, sums: { 0: count() } },
  [userActivityMeasure.name]: {
    where: `userNumber IS NOT NULL AND eventType IN (${userActions})`,
    sums: { 0: count() },
    component: "userNumber",
  },
  [voteMeasure.name]: {
    where: ofType("vote_content"),
    sums: {
      [like]: count("vote = 'like'", "vote"),
      [dislike]: count("vote = 'dislike'", "vote"),
      [skip]: count("vote = 'skip'", "vote"),
      [recommendedLike]: count("vote = 'like' AND recommended", "vote", "recommended"),
      [recommended]: count("recommended", "recommended"),
    },
  },
  [contentViewMeasure.name]: { where: ofType("title_shown", "media_viewed"), sums: { 0: count() } },
  [matchMeasure.name]: { where: ofType("match_found"), sums: { 0: count() } },
  [requestMeasure.name]: {
    where: `${ofType("span")} AND kind = 'server'`,
    sums: { [requests]: count(), [errors]: count("failed"), [durationSumUs]: { of: "durationUs" } },
    bins: [{ of: binSql("durationUs"), first: durationBin0 }],
  },
};

/** The measures of single events in SQL, beside their `amountsOf`. */
export const eventMeasureSql: Readonly<Record<string, MeasureSql>> = Object.fromEntries(
  Object.entries(sums).map(([name, one]) => [
    name,
    { table: eventTable, reads: "range", facts: (rows) => rows, dimension: dimensionSql, ...one },
  ]),
);
