/** A question to the API, with its SQL over the raw rows. */
export type Question = {
  /** Metric and parameters besides the range. */
  readonly ask: string;
  readonly sql: string;
  /** The required source of the answer: both sources are compared with the same SQL. */
  readonly source: "rollups" | "log";
  /** Another range than all data. */
  readonly range?: string;
};

export const wholeRange = "from=1996-03-29&to=2018-09-25";

const start = "timestamp '1996-03-29' as start";
const starts = (unit: "day" | "week" | "month") => `(select distinct date_trunc('${unit}', day) as start from days)`;
/** Votes of each bucket, the empty ones included. */
const votesEach = (unit: "week" | "month") =>
  `select start, count(userId) as numerator from ${starts(unit)} left join ratings on date_trunc('${unit}', votedAt) = start group by all`;
const activeEach = (unit: "week" | "month") =>
  `select start, count(distinct userId) as numerator from ${starts(unit)} left join ratings on date_trunc('${unit}', votedAt) = start group by all`;
const activeInWindow = (windowDays: number) => `
  with active as (select distinct userId, date_trunc('day', votedAt) as on_day from ratings)
  select day as start, count(distinct userId) as numerator
  from days left join active on on_day between day - interval ${windowDays - 1} day and day group by all`;
/** Sessions belong to the day of their start. */
const sessionsEachDay = (columns: string) =>
  `select day as start, ${columns} from days left join sessions on date_trunc('day', startAt) = day group by all`;
const genresOf = (rows: string) => `${rows} join genres using (movieId)`;

/** A range that begins and ends within a minute: no rollup has such a bucket. */
const oddRange = "from=1999-12-31T23:59:30Z&to=2005-06-15T10:00:15Z";
const inOddRange = "votedAt >= timestamp '1999-12-31 23:59:30' and votedAt < timestamp '2005-06-15 10:00:15'";

export const questions: readonly Question[] = [
  { ask: "active_users?granularity=day", source: "rollups", sql: activeInWindow(1) },
  { ask: "active_users?granularity=day&window=7", source: "rollups", sql: activeInWindow(7) },
  { ask: "active_users?granularity=day&window=30", source: "rollups", sql: activeInWindow(30) },
  { ask: "active_users?granularity=week", source: "rollups", sql: activeEach("week") },
  { ask: "active_users?granularity=month", source: "rollups", sql: activeEach("month") },
  {
    ask: "new_users?granularity=day",
    source: "rollups",
    sql: `select day as start, count(first) as numerator
      from days left join (select min(votedAt) as first from ratings group by userId) on date_trunc('day', first) = day group by all`,
  },
  { ask: "sessions?granularity=day", source: "rollups", sql: sessionsEachDay("count(session) as numerator") },
  {
    ask: "session_duration?granularity=day",
    source: "rollups",
    sql: sessionsEachDay("count(session) as numerator, coalesce(sum(durationS) * 1000, 0)::bigint as sum"),
  },
  {
    ask: "actions_per_session?granularity=day",
    source: "rollups",
    sql: sessionsEachDay("coalesce(sum(actions), 0)::bigint as numerator, count(session) as denominator"),
  },
  {
    ask: "bounce_rate?granularity=day",
    source: "rollups",
    sql: sessionsEachDay("count(*) filter (actions = 1) as numerator, count(session) as denominator"),
  },
  // No rollup of sessions has these two dimensions together; every session came from the app without a platform.
  {
    ask: "sessions?granularity=day&filter=source:app&filter=platform:unknown",
    source: "log",
    sql: sessionsEachDay("count(session) as numerator"),
  },
  { ask: "votes?granularity=week", source: "rollups", sql: votesEach("week") },
  { ask: "votes?granularity=month", source: "rollups", sql: votesEach("month") },
  { ask: "votes?granularity=total", source: "rollups", sql: `select ${start}, count(*) as numerator from ratings` },
  {
    ask: "votes?granularity=day&by=genre",
    source: "rollups",
    sql: `select genre as by, day as start, coalesce(n, 0) as numerator
      from (select distinct genre from ${genresOf("ratings")}) cross join days
      left join (select genre, date_trunc('day', votedAt) as day, count(*) as n from ${genresOf("ratings")} group by all) using (genre, day)`,
  },
  {
    ask: "votes?granularity=total&by=genre",
    source: "rollups",
    sql: `select genre as by, ${start}, count(*) as numerator from ${genresOf("ratings")} group by all`,
  },
  {
    ask: "positive_rate?granularity=total&by=genre",
    source: "rollups",
    sql: `select genre as by, ${start}, count(*) filter (liked) as numerator, count(*) as denominator from ${genresOf("ratings")} group by all`,
  },
  {
    ask: "positive_rate?granularity=total&by=contentId",
    source: "rollups",
    sql: `select 'movie:' || movieId as by, ${start}, count(*) filter (liked) as numerator, count(*) as denominator from ratings group by all`,
  },
  {
    ask: "votes?granularity=total&by=hourOfDay",
    source: "rollups",
    sql: `select hour(votedAt) as by, ${start}, count(*) as numerator from ratings group by all`,
  },
  {
    ask: "votes?granularity=total&by=weekday",
    source: "rollups",
    sql: `select isodow(votedAt) as by, ${start}, count(*) as numerator from ratings group by all`,
  },
  // Days of a zone with an offset of half an hour are no sum of hours.
  {
    ask: "votes?granularity=month&tz=Asia/Kolkata",
    source: "log",
    range: "from=1996-04-01&to=2018-09-01",
    sql: `with months as (select unnest(generate_series(timestamp '1996-04-01', timestamp '2018-08-01', interval 1 month)) as month)
      select month - interval 330 minute as start, count(userId) as numerator
      from months left join ratings on date_trunc('month', votedAt + interval 330 minute) = month group by all`,
  },
  {
    ask: "positive_rate?granularity=total&by=genre",
    source: "log",
    range: oddRange,
    sql: `select genre as by, timestamp '1999-12-31 23:59:30' as start, count(*) filter (liked) as numerator, count(*) as denominator
      from ${genresOf("ratings")} where ${inOddRange} group by all`,
  },
  {
    ask: "active_users?granularity=total",
    source: "log",
    range: oddRange,
    sql: `select timestamp '1999-12-31 23:59:30' as start, count(distinct userId) as numerator from ratings where ${inOddRange}`,
  },
  {
    ask: "positive_rate?granularity=total&by=genre,contentId&filter=contentId:movie:1,movie:318",
    source: "log",
    sql: `select genre || ' movie:' || movieId as by, ${start}, count(*) filter (liked) as numerator, count(*) as denominator
      from ${genresOf("ratings")} where movieId in (1, 318) group by all`,
  },
  // Films of one of two genres, each counted once although many have both.
  {
    ask: "votes?granularity=total&filter=genre:comedy,drama",
    source: "log",
    sql: `select ${start}, count(*) as numerator from ratings
      where movieId in (select movieId from genres where genre in ('comedy', 'drama'))`,
  },
];
