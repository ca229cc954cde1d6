import { type MetricQuery, statistics } from "@trinity/aggregation/metric-query";
import { parseSegment } from "@trinity/aggregation/segment-text";
import { unwrap } from "@trinity/runtime/result";
import { trafficRange } from "./dashboard-traffic.ts";

type Asked = Pick<MetricQuery, "metric"> & Partial<Pick<MetricQuery, "granularity" | "by" | "statistic" | "windowDays">>;

/** A question of the dashboard, for the API and in SQL over the events themselves. */
export type DashboardQuestion = {
  readonly name: string;
  readonly query: MetricQuery;
  /** Path below the API's address. */
  readonly path: string;
  /** Gives rows of (`line`, `start`, `value`): `line` is the value of the dimension, "" without one, `start` null for a total. */
  readonly sql: string;
};

function question(name: string, asked: Asked, sql: string, segmentText?: string): DashboardQuestion {
  const { metric, granularity = "day", by = [], statistic = "mean", windowDays = 1 } = asked;
  const segment = segmentText === undefined ? undefined : unwrap(parseSegment(segmentText));
  const parameters = new URLSearchParams({
    from: new Date(trafficRange.fromMs).toISOString(),
    to: new Date(trafficRange.toMs).toISOString(),
    granularity,
    stat: statistic,
    window: `${windowDays}`,
    ...(by.length === 0 ? {} : { by: by.join(",") }),
    ...(segmentText === undefined ? {} : { segment: segmentText }),
  });
  const rest = { filters: [], timeZone: "UTC", ...trafficRange, ...(segment === undefined ? {} : { segment }) };
  const query = { metric, granularity, by, statistic, windowDays, ...rest };
  return { name, query, path: `/api/v1/metrics/${metric}?${parameters}`, sql };
}

const [, , , p95] = statistics;
const from = `TIMESTAMP '${new Date(trafficRange.fromMs).toISOString().slice(0, 10)}'`;
const to = `TIMESTAMP '${new Date(trafficRange.toMs).toISOString().slice(0, 10)}'`;
const inRange = `ts >= ${from} AND ts < ${to}`;
const day = "date_trunc('day', ts)";

/** Sessions with their first and last event; the platform is that of the first. */
const sessions = `(SELECT session, min(ts) AS ts, max(ts) AS until, arg_min(platform, ts) AS platform FROM event WHERE session IS NOT NULL GROUP BY session)`;
const activeByDay = `(SELECT DISTINCT ${day} AS day, person FROM event WHERE user_action)`;

/** The questions of a dashboard's pages, over 30 days. */
export const dashboardQuestions: readonly DashboardQuestion[] = [
  question(
    "events by day",
    { metric: "events" },
    `SELECT '' AS line, ${day} AS start, count(*) AS value FROM event WHERE type <> 'span' AND ${inRange} GROUP BY ALL`,
  ),
  question(
    "active users by day",
    { metric: "active_users" },
    `SELECT '' AS line, ${day} AS start, count(DISTINCT person) AS value FROM event WHERE user_action AND ${inRange} GROUP BY ALL`,
  ),
  question(
    "active users of 30 days by day",
    { metric: "active_users", windowDays: 30 },
    `SELECT '' AS line, days.start, count(DISTINCT person) AS value
     FROM (SELECT unnest(range(${from}, ${to}, INTERVAL 1 DAY)) AS start) days
     JOIN ${activeByDay} active ON active.day > days.start - INTERVAL 30 DAY AND active.day <= days.start GROUP BY ALL`,
  ),
  question(
    "votes by genre by day",
    { metric: "votes", by: ["genre"] },
    `SELECT line, start, count(*) AS value
     FROM (SELECT unnest(genres) AS line, ${day} AS start FROM event WHERE vote IS NOT NULL AND ${inRange}) GROUP BY ALL`,
  ),
  question(
    "positive rate by genre",
    { metric: "positive_rate", by: ["genre"], granularity: "total" },
    `SELECT line, NULL AS start, avg(CASE WHEN vote = 'like' THEN 1 ELSE 0 END) AS value
     FROM (SELECT unnest(genres) AS line, vote FROM event WHERE vote IS NOT NULL AND ${inRange}) GROUP BY ALL`,
  ),
  question(
    "sessions by platform by day",
    { metric: "sessions", by: ["platform"] },
    `SELECT platform AS line, ${day} AS start, count(*) AS value FROM ${sessions} WHERE ${inRange} GROUP BY ALL`,
  ),
  question(
    "session duration p95 by day",
    { metric: "session_duration", statistic: p95 },
    `SELECT '' AS line, ${day} AS start, quantile_disc(epoch_ms(until) - epoch_ms(ts), 0.95) AS value
     FROM ${sessions} WHERE ${inRange} GROUP BY ALL`,
  ),
  question(
    "consensus rate by room size",
    { metric: "consensus_rate", by: ["roomSize"], granularity: "total" },
    `SELECT line, NULL AS start, avg(CASE WHEN matched IS NULL THEN 0 ELSE 1 END) AS value FROM (
       SELECT room, max(seats)::VARCHAR AS line, min(ts) FILTER (type = 'match_found') AS matched,
         coalesce(matched, min(ts) FILTER (type = 'no_consensus'), max(ts) + INTERVAL 24 HOUR) AS ended
       FROM event WHERE room IS NOT NULL GROUP BY room)
     WHERE ended >= ${from} AND ended < ${to} GROUP BY ALL`,
  ),
  question(
    "request duration p95 by route",
    { metric: "request_duration", by: ["route"], statistic: p95, granularity: "total" },
    `SELECT route AS line, NULL AS start, quantile_disc(duration_us, 0.95) / 1000 AS value
     FROM event WHERE type = 'span' AND ${inRange} GROUP BY ALL`,
  ),
  question(
    "returning users by day",
    { metric: "returning_users" },
    `SELECT '' AS line, now.day AS start, count(*) AS value FROM ${activeByDay} now
     JOIN ${activeByDay} before ON before.person = now.person AND before.day = now.day - INTERVAL 1 DAY
     WHERE now.day >= ${from} AND now.day < ${to} GROUP BY ALL`,
  ),
  question(
    "concurrent sessions by day",
    { metric: "concurrent_sessions" },
    `WITH changes AS (
       SELECT date_trunc('minute', ts) AS ts, 1 AS change FROM ${sessions}
       UNION ALL SELECT date_trunc('minute', until) + INTERVAL 1 MINUTE, -1 FROM ${sessions}
       UNION ALL SELECT unnest(range(${from}, ${to}, INTERVAL 1 DAY)), 0),
     levels AS (SELECT ts, sum(sum(change)) OVER (ORDER BY ts) AS level FROM changes GROUP BY ts)
     SELECT '' AS line, ${day} AS start, max(level) AS value FROM levels WHERE ${inRange} GROUP BY ALL`,
  ),
  question(
    "active users of a segment by day",
    { metric: "active_users" },
    `SELECT '' AS line, ${day} AS start, count(DISTINCT person) AS value FROM event SEMI JOIN (
       SELECT person FROM event WHERE person IS NOT NULL GROUP BY person
       HAVING arg_min(platform, ts) = 'android' AND arg_min(age_band, ts) <> '18-24') members USING (person)
     WHERE user_action AND ${inRange} GROUP BY ALL`,
    "platform:android & !ageBand:18-24",
  ),
];
