import { abandonmentMs } from "@trinity/aggregation/room";
import type { TimeRange } from "@trinity/aggregation/time-range";

/**
 * What questions over the log ask, as one statement each over the table of `duckdb-log.ts`. The column `value` has the numbers that the API
 * answers as well. The traffic has no events without a session id but those of machines, and titles with each genre once: that is not looked at.
 */

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const kolkataMs = 5.5 * hourMs;

const dayOf = (atMs: string, aheadMs = 0) => `(${atMs} + ${aheadMs}) // ${dayMs}`;
/** From Monday on. */
const weekOf = (atMs: string) => `(${dayOf(atMs)} + 3) // 7`;
const within = ({ fromMs, toMs }: TimeRange, atMs = "atMs") => `${atMs} >= ${fromMs} AND ${atMs} < ${toMs}`;
const isVote = "eventType = 'vote_content'";

export function eventsByKolkataDay(range: TimeRange): string {
  return `SELECT ${dayOf("atMs", kolkataMs)} AS day, count(*) AS value FROM event WHERE isProduct AND ${within(range)} GROUP BY day`;
}

export function activeUsersByKolkataDay(range: TimeRange): string {
  return `
    SELECT ${dayOf("atMs", kolkataMs)} AS day, count(DISTINCT userNumber) AS value FROM event
    WHERE isAction AND ${within(range)} GROUP BY day`;
}

export function sessionsByKolkataDay(range: TimeRange): string {
  return `
    SELECT ${dayOf("atMs", kolkataMs)} AS day, count(*) AS value
    FROM (SELECT min(atMs) AS atMs FROM event WHERE isProduct AND session IS NOT NULL GROUP BY session)
    WHERE ${within(range)} GROUP BY day`;
}

export function sessionsByPlatformAndAge(range: TimeRange): string {
  return `
    SELECT platform, ageBand, ${dayOf("atMs")} AS day, count(*) AS value
    FROM (
      SELECT arg_min(platform, atMs) AS platform, arg_min(ageBand, atMs) AS ageBand, min(atMs) AS atMs
      FROM event WHERE isProduct AND session IS NOT NULL GROUP BY session
    )
    WHERE ${within(range)} GROUP BY ALL`;
}

/** The genre that a user likes most; of equals the first by name, which has the lowest code. */
export function votesOfComedyLoversByDay(range: TimeRange): string {
  return `
    SELECT ${dayOf("atMs")} AS day, count(*) AS value FROM event SEMI JOIN (
      SELECT userNumber FROM (
        SELECT userNumber, genre, count(*) AS likes
        FROM (SELECT userNumber, unnest(genres) AS genre FROM event WHERE ${isVote} AND vote = 'like' AND userNumber IS NOT NULL)
        GROUP BY ALL
      ) GROUP BY userNumber HAVING arg_max(genre, likes * 1000 - enum_code(genre)) = 'comedy'
    ) members USING (userNumber)
    WHERE ${isVote} AND ${within(range)} GROUP BY day`;
}

export function votesByGenreAndPlatformOfMovies(range: TimeRange): string {
  return `
    SELECT genre, platform, day, count(*) AS value
    FROM (
      SELECT unnest(genres) AS genre, platform, ${dayOf("atMs")} AS day FROM event
      WHERE ${isVote} AND mediaType = 'movie' AND ${within(range)}
    ) GROUP BY ALL`;
}

export function eventsIn(range: TimeRange): string {
  return `SELECT count(*) AS value FROM event WHERE isProduct AND ${within(range)}`;
}

/** A page of events with what is shown of them, each with how many there are on all pages. `after`: where the page before ended. */
export function voteRows(range: TimeRange, rows: number, after: LogPlace | null): string {
  const wanted = `${isVote} AND ${within(range)}`;
  const follows = after === null ? "true" : `(seq > ${after.seq} OR (seq = ${after.seq} AND "index" > ${after.index}))`;
  return `
    SELECT [atMs, total] AS value, *
    FROM (SELECT * FROM event WHERE ${wanted} AND ${follows} ORDER BY seq, "index" LIMIT ${rows}) page,
      (SELECT count(*) AS total FROM event WHERE ${wanted}) pages
    ORDER BY seq, "index"`;
}

/** Where an event is in the log. */
export type LogPlace = { readonly seq: number; readonly index: number };

/** Titles with the most votes: votes, likes, views, matches, and of the rooms that voted on them how many matched. */
export function titlesByVotes(range: TimeRange, titles: number, contentId?: string): string {
  const isWanted = contentId === undefined ? "contentId IS NOT NULL" : `contentId = '${contentId}'`;
  return `
    SELECT [votes, likes, views, matches, matchedRooms, rooms] AS value
    FROM (
      SELECT contentId, count(*) FILTER (${isVote}) AS votes, count(*) FILTER (vote = 'like') AS likes,
        count(*) FILTER (eventType IN ('title_shown', 'media_viewed')) AS views, count(*) FILTER (eventType = 'match_found') AS matches
      FROM event WHERE ${isWanted} AND ${within(range)} GROUP BY contentId
    ) JOIN (
      SELECT contentId, count(*) AS rooms, count(*) FILTER (isMatched) AS matchedRooms
      FROM (
        SELECT contentId, min(atMs) FILTER (${isVote}) AS votedMs, bool_or(eventType = 'match_found') AS isMatched
        FROM event WHERE ${isWanted} AND room IS NOT NULL GROUP BY room, contentId
      ) WHERE ${within(range, "votedMs")} GROUP BY contentId
    ) USING (contentId)
    WHERE votes > 0 ORDER BY votes DESC, contentId LIMIT ${titles}`;
}

/** The size of each week's cohort, and how many of it were active so many weeks later. */
export function retentionByWeek(range: TimeRange, weeks: number): string {
  const [first, last] = [weekOf(`${range.fromMs}`), weekOf(`${range.toMs - 1}`)];
  return `
    WITH cohorts AS (
      SELECT * FROM (
        SELECT userNumber, ${weekOf("min(atMs)")} AS cohort FROM event WHERE isProduct AND userNumber IS NOT NULL GROUP BY userNumber
      ) WHERE cohort BETWEEN ${first} AND ${last}
    ), active AS (SELECT DISTINCT userNumber, ${weekOf("atMs")} AS week FROM event WHERE isAction)
    SELECT cohort, NULL AS week, count(*) AS value FROM cohorts GROUP BY cohort
    UNION ALL
    SELECT cohort, week, count(*) FROM cohorts JOIN active USING (userNumber) WHERE week - cohort BETWEEN 0 AND ${weeks} GROUP BY ALL`;
}

/** How many users reach each of three steps, and how long it takes them: read backwards, each event finds the next one of each later step. */
export function funnelOfThree(range: TimeRange, [first, second, third]: readonly [string, string, string], windowMs: number): string {
  const later = "OVER (PARTITION BY userNumber ORDER BY atMs RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)";
  const times = (name: string) =>
    `quantile_disc(${name}, 0.25) AS ${name}25, quantile_disc(${name}, 0.5) AS ${name}50, quantile_disc(${name}, 0.75) AS ${name}75`;
  return `
    WITH thirds AS (
      SELECT userNumber, eventType, atMs, min(atMs) FILTER (eventType = '${third}') ${later} AS thirdMs
      FROM event WHERE eventType IN ('${first}', '${second}', '${third}') AND userNumber IS NOT NULL
        AND ${within({ fromMs: range.fromMs, toMs: range.toMs + windowMs })}
    ), nexts AS (
      SELECT userNumber, eventType, atMs, min(atMs) FILTER (eventType = '${second}') ${later} AS secondMs,
        min(thirdMs) FILTER (eventType = '${second}') ${later} AS thirdMs
      FROM thirds
    ), attempts AS (
      SELECT userNumber, atMs, if(secondMs - atMs <= ${windowMs}, secondMs, NULL) AS secondMs,
        if(thirdMs - atMs <= ${windowMs}, thirdMs, NULL) AS thirdMs
      FROM nexts WHERE eventType = '${first}' AND ${within(range)}
    ), best AS (
      SELECT arg_min({atMs: atMs, secondMs: secondMs, thirdMs: thirdMs}, [(secondMs IS NULL)::INTEGER, (thirdMs IS NULL)::INTEGER, atMs]) AS steps
      FROM attempts GROUP BY userNumber
    ), counted AS (
      SELECT count(*) AS began, count(steps.secondMs) AS went, count(steps.thirdMs) AS ended,
        ${times("toSecond")}, ${times("toThird")}
      FROM (SELECT steps, steps.secondMs - steps.atMs AS toSecond, steps.thirdMs - steps.secondMs AS toThird FROM best)
    )
    SELECT [began, went, ended, toSecond25, toSecond50, toSecond75, toThird25, toThird50, toThird75] AS value FROM counted`;
}

/** How many sessions go from each step to each next one, equal steps in a row as one. The last step shown goes to the end, or beyond. */
export function pathLinks({ fromMs, toMs }: TimeRange, depth: number): string {
  const session = "PARTITION BY session ORDER BY atMs, orderNumber, eventId";
  return `
    WITH ordered AS (
      SELECT session, eventType, atMs, orderNumber, eventId, lag(eventType) OVER (${session}) AS before, min(atMs) OVER (PARTITION BY session) AS startMs
      FROM event WHERE isProduct AND session IS NOT NULL AND ${within({ fromMs: fromMs - dayMs, toMs: toMs + dayMs })}
    ), steps AS (
      SELECT eventType, row_number() OVER (${session}) AS depth, lead(eventType) OVER (${session}) AS after
      FROM ordered WHERE eventType IS DISTINCT FROM before AND ${within({ fromMs, toMs }, "startMs")}
    )
    SELECT depth, eventType, if(depth < ${depth}, after::VARCHAR, if(after IS NULL, 'end', 'beyond')) AS next, count(*) AS value
    FROM steps WHERE depth <= ${depth} GROUP BY ALL`;
}

/** Distinct users of the 30 days up to each day: an active day counts a user until the next one, 30 days at most. */
const activeOf30Days = `
  SELECT day, sum(sum(change)) OVER (ORDER BY day) AS users
  FROM (
    SELECT unnest([{day: day, change: 1}, {day: least(day + 30, coalesce(next, day + 30)), change: -1}], recursive := true)
    FROM (
      SELECT day, lead(day) OVER (PARTITION BY userNumber ORDER BY day) AS next
      FROM (SELECT DISTINCT userNumber, ${dayOf("atMs")} AS day FROM event WHERE isAction)
    )
  ) GROUP BY day`;

/**
 * The first look at a range, with its totals in the period before. Left out are the score of rooms and how late events came. Quantiles and
 * rates are in the column `other`: the API has quantiles within 1 %.
 */
export function overview(range: TimeRange): string {
  return `
    WITH started AS (
      SELECT min(atMs) AS atMs, max(atMs) - min(atMs) AS durationMs FROM event WHERE isProduct AND session IS NOT NULL GROUP BY session
    ), newcomers AS (SELECT min(atMs) AS atMs FROM event WHERE isProduct AND userNumber IS NOT NULL GROUP BY userNumber
    ), monthly AS (${activeOf30Days}
    ), rooms AS (
      SELECT *, coalesce(matchedMs, closedMs, lastMs + ${abandonmentMs}) AS endMs,
        CASE WHEN matchedMs IS NOT NULL THEN 'consensus' WHEN closedMs IS NOT NULL THEN 'no_consensus' ELSE 'abandoned' END AS ending
      FROM (
        SELECT min(atMs) FILTER (eventType = 'room_created') AS createdMs, min(atMs) FILTER (eventType = 'room_started') AS startMs,
          min(atMs) FILTER (eventType = 'match_found') AS matchedMs, min(atMs) FILTER (eventType = 'no_consensus') AS closedMs,
          max(atMs) AS lastMs
        FROM event WHERE isProduct AND room IS NOT NULL GROUP BY room
      )
    )
    ${[...overviewParts(range, true), ...overviewParts(periodBefore(range), false)].join(" UNION ALL ")}`;
}

function overviewParts(range: TimeRange, isByDay: boolean): readonly string[] {
  const dayIn = (atMs: string) => `${isByDay ? dayOf(atMs) : "NULL"} AS day`;
  const days = isByDay ? "GROUP BY ROLLUP (day)" : "GROUP BY day";
  const lastDay = dayOf(`${range.toMs - 1}`);
  const monthlyByDay = `SELECT day, [users]::DOUBLE[], []::DOUBLE[] FROM monthly WHERE day >= ${dayOf(`${range.fromMs}`)} AND day < ${lastDay}`;
  const active = (day: string) =>
    `SELECT ${day} AS day, [count(DISTINCT userNumber)]::DOUBLE[], []::DOUBLE[] FROM event WHERE isAction AND ${within(range)} GROUP BY day`;
  return [
    `SELECT ${dayIn("atMs")},
      [count(*) FILTER (isProduct), count(*) FILTER (${isVote}), count(*) FILTER (eventType = 'match_found'),
        count(*) FILTER (isRequest)]::DOUBLE[] AS value,
      [count(*) FILTER (vote = 'like'), count(*) FILTER (isRequest AND failed)]::DOUBLE[] AS other
    FROM event WHERE ${within(range)} ${days}`,
    ...(isByDay ? [active(dayOf("atMs"))] : []),
    active("NULL"),
    ...(isByDay ? [monthlyByDay] : []),
    // The last 30 days end with the range: they are the last point, and the total.
    `SELECT NULL, [count(DISTINCT userNumber)${isByDay ? ", count(DISTINCT userNumber)" : ""}]::DOUBLE[], []::DOUBLE[]
    FROM event WHERE isAction AND ${within({ fromMs: range.toMs - 30 * dayMs, toMs: range.toMs })}`,
    `SELECT ${dayIn("atMs")}, [count(*)]::DOUBLE[], []::DOUBLE[] FROM newcomers WHERE ${within(range)} ${days}`,
    `SELECT ${dayIn("atMs")}, [count(*)]::DOUBLE[], [quantile_disc(durationMs, 0.5)]::DOUBLE[] FROM started WHERE ${within(range)} ${days}`,
    `SELECT NULL, [count(*)]::DOUBLE[], []::DOUBLE[]
    FROM (SELECT unnest(genres) AS genre FROM event WHERE ${isVote} AND ${within(range)}) GROUP BY genre`,
    `SELECT ${dayIn("createdMs")}, [count(*)]::DOUBLE[], []::DOUBLE[] FROM rooms WHERE ${within(range, "createdMs")} ${days}`,
    `SELECT NULL, [count(*)]::DOUBLE[], [quantile_disc(matchedMs - startMs, 0.5)]::DOUBLE[]
    FROM rooms WHERE ${within(range, "endMs")} GROUP BY ending`,
    `SELECT ${dayIn("endMs")}, []::DOUBLE[], [count(matchedMs), count(*)]::DOUBLE[] FROM rooms WHERE ${within(range, "endMs")} ${days}`,
    `SELECT NULL, []::DOUBLE[], [quantile_disc(durationUs, 0.95)]::DOUBLE[] FROM event WHERE isRequest AND ${within(range)}`,
  ];
}

/** How the machines fare, with the totals in the period before. Left out is what chunks of the log and observations say. */
export function systemPerformance(range: TimeRange): string {
  return [...performanceParts(range, true), ...performanceParts(periodBefore(range), false)].join(" UNION ALL ");
}

function performanceParts(range: TimeRange, isByHour: boolean): readonly string[] {
  const requests = `FROM event WHERE isRequest AND ${within(range)}`;
  const groups = `GROUPING SETS (${isByHour ? "(hour), " : ""}(service), ())`;
  return [
    `SELECT ${isByHour ? "hour" : "NULL AS hour"}, service::VARCHAR AS name, [count(*)]::DOUBLE[] AS value, [count(*) FILTER (failed)]::DOUBLE[] AS other
    FROM (SELECT atMs // ${hourMs} AS hour, service, failed ${requests}) GROUP BY ${groups}`,
    `SELECT NULL, NULL, []::DOUBLE[], quantile_disc(durationUs, [0.5, 0.9, 0.95, 0.99])::DOUBLE[] ${requests}`,
    `SELECT NULL, route::VARCHAR, []::DOUBLE[], [quantile_disc(durationUs, 0.95)]::DOUBLE[] ${requests} GROUP BY route`,
  ];
}

/** Of a range of neither whole days nor whole months. */
function periodBefore({ fromMs, toMs }: TimeRange): TimeRange {
  return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
}
