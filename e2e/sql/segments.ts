import type { Segment } from "@trinity/aggregation/segment";
import { quoted } from "./time-zones.ts";

const dayMs = 86_400_000;
const first = "make_timestamp_ms(atMs)";

/**
 * @param toMs the end of the question's range: the 28 UTC days that end with it, its own included, decide how active a user is
 * @returns a query for the `userId`s in a segment, among all users with any event
 */
export function usersInSegmentSql(segment: Segment, toMs: number): string {
  const endDay = Math.ceil(toMs / dayMs);
  return `
    select userId from (
      select *, strftime(${first}, '%G-W%V') as cohortWeek, strftime(${first}, '%Y-%m') as cohortMonth,
        case when days >= 12 then 'heavy' when days >= 4 then 'regular' when days >= 1 then 'light' else 'inactive' end as activityTier
      from newcomer left join (
        select userId, count(distinct atMs // ${dayMs}) as days from deed
        where atMs // ${dayMs} >= ${endDay - 28} and atMs // ${dayMs} < ${endDay} group by userId
      ) using (userId)
    ) where ${conditionOf(segment)}`;
}

function conditionOf(segment: Segment): string {
  switch (segment.kind) {
    case "attribute": {
      const { attribute, values } = segment;
      const listed = values.map(quoted).join(", ");
      return attribute === "cohort" ? `(cohortWeek in (${listed}) or cohortMonth in (${listed}))` : `(${attribute} in (${listed}))`;
    }
    case "all":
      return `(${segment.of.map(conditionOf).join(" and ")})`;
    case "any":
      return `(${segment.of.map(conditionOf).join(" or ")})`;
    case "not":
      return `(not ${conditionOf(segment.of)})`;
  }
}
