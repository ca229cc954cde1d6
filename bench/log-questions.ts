import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { Paths } from "@trinity/aggregation/path";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { trafficRange } from "./dashboard-traffic.ts";
import * as sql from "./log-sql.ts";

/** A question over HTTP. `body`: asked by POST. */
export type HttpQuestion = { readonly name: string; readonly path: string; readonly body?: string };

/** A question that no rollup covers whole, as users ask it. */
export type LogQuestion = HttpQuestion & {
  /** The same in SQL, for the table of `duckdb-log.ts`; null where no reasonable statement gives it. */
  readonly inSql: InSql | null;
};

/** `valuesOf`: the numbers of the API's answer that the statement has in its column `value`. Their order, zeros and nulls do not matter. */
type InSql = { readonly sql: string; readonly valuesOf: (answer: string) => readonly (number | null)[] };

const dayMs = 86_400_000;
const days = (from: number, to: number): TimeRange => ({
  fromMs: Math.round(trafficRange.fromMs + from * dayMs),
  toMs: Math.round(trafficRange.fromMs + to * dayMs),
});
const month = days(0, 30);
/** Since all have signed up. */
const twoMonths = days(-30, 30);
/** The ends lie within a minute. */
const oddMonth = days(0.137_3, 29.653_9);
const oddWeek = days(9.137_3, 17.441_2);
/** As it is asked for while the month goes on. */
const monthSoFar = days(0, 29.653_9);

const rowsOnPage = 100;
const pagesBefore = 50;
const titlesShown = 50;
const title = "movie:1010";
const weeksAfter = 8;
const pathDepth = 5;
const funnelSteps = ["user_login", "join_room", "vote_content"] as const;
const funnelWindowMs = 7 * dayMs;

type Parameters = Readonly<Record<string, string | number>>;

const inText = ({ fromMs, toMs }: TimeRange) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });

function get(name: string, path: string, range: TimeRange, parameters: Parameters = {}): HttpQuestion {
  const texts = Object.entries({ ...inText(range), ...parameters }).map(([key, value]): [string, string] => [key, `${value}`]);
  return { name, path: `/api/v1/${path}?${new URLSearchParams(texts)}` };
}

function post(name: string, path: string, range: TimeRange, body: Readonly<Record<string, unknown>>): HttpQuestion {
  return { name, path: `/api/v1/${path}`, body: JSON.stringify({ ...inText(range), ...body }) };
}

function beside<Answer>(question: HttpQuestion, statement: string, valuesOf: (answer: Answer) => readonly (number | null)[]): LogQuestion {
  return { ...question, inSql: { sql: statement, valuesOf: (text) => valuesOf(JSON.parse(text) as Answer) } };
}

function alone(question: HttpQuestion): LogQuestion {
  return { ...question, inSql: null };
}

function metric(name: string, metricName: string, range: TimeRange, parameters: Parameters, statement: string): LogQuestion {
  return beside(get(name, `metrics/${metricName}`, range, parameters), statement, pointsOf);
}

function pointsOf({ series }: MetricAnswer): readonly (number | null)[] {
  return series.flatMap(({ points }) => points.map(({ value }) => value));
}

type OverviewAnswer = {
  readonly metrics: readonly (Pick<MetricAnswer, "totals"> & {
    readonly name: string;
    readonly previous: MetricAnswer["totals"] | null;
    readonly series?: MetricAnswer["series"];
  })[];
};

/** The numbers that SQL has to the last digit. */
const overviewCounts = [
  "events",
  "active_users",
  "active_users_30d",
  "new_users",
  "sessions",
  "votes",
  "votes_by_genre",
  "rooms_created",
  "rooms_ended",
  "matches",
  "requests",
];
const performanceCounts = ["requests", "requests_by_service"];

function overview(name: string, range: TimeRange): LogQuestion {
  return beside(get(name, "dashboard/overview", range), sql.overview(range), numbersOf(overviewCounts));
}

function numbersOf(names: readonly string[]): (answer: OverviewAnswer) => readonly (number | null)[] {
  return ({ metrics }) =>
    metrics
      .filter(({ name }) => names.includes(name))
      .flatMap(({ totals, previous, series = [] }) => [...totals, ...(previous ?? []), ...series.flatMap(({ points }) => points)])
      .map(({ value }) => value);
}

type RowsAnswer = { readonly rows: readonly { readonly at: string }[]; readonly total: number; readonly nextCursor: string | null };

function voteRows(name: string, cursor: string | null): LogQuestion {
  const [seq, index] = cursor?.split(".").map(Number) ?? [];
  const after = seq === undefined || index === undefined ? null : { seq, index };
  const asked = get(name, "explore/events", month, { metric: "votes", limit: rowsOnPage, ...(cursor === null ? {} : { cursor }) });
  return beside<RowsAnswer>(asked, sql.voteRows(month, rowsOnPage, after), ({ rows, total }) =>
    rows.flatMap(({ at }) => [Date.parse(at), total]),
  );
}

type TitlesAnswer = {
  readonly titles: readonly {
    readonly votes: number;
    readonly likes: number;
    readonly views: number;
    readonly matches: number;
    readonly matchingPower: { readonly numerator: number; readonly denominator: number };
  }[];
};

function titles(name: string, parameters: Parameters, contentId?: string): LogQuestion {
  const asked = get(name, "content/performance", month, { sort: "votes", limit: titlesShown, ...parameters });
  return beside<TitlesAnswer>(asked, sql.titlesByVotes(month, titlesShown, contentId), (answer) =>
    answer.titles.flatMap(({ votes, likes, views, matches, matchingPower: { numerator, denominator } }) => [
      votes,
      likes,
      views,
      matches,
      numerator,
      denominator,
    ]),
  );
}

type RetentionAnswer = {
  readonly cohorts: readonly { readonly size: number; readonly periods: readonly { readonly numerator: number | null }[] }[];
};

type FunnelAnswer = {
  readonly steps: readonly {
    readonly users: number;
    readonly p25Ms: number | null;
    readonly medianMs: number | null;
    readonly p75Ms: number | null;
  }[];
};

/** Answered from rollups: what the others must not hold up. */
export const cheapQuestion = get("events by day (rollups)", "metrics/events", month, { granularity: "day" });

/** Reads few events: asked first, it takes as long as the processes for it take to start. */
export const smallQuestion = get("events of 8.3 days with odd ends", "metrics/events", oddWeek, { granularity: "total" });

const inKolkata = { granularity: "day", tz: "Asia/Kolkata" };

/** @param askText asks the API, to find the cursor of a page deep inside. @throws {Error} when there are not as many rows */
export async function logQuestions(askText: (question: HttpQuestion) => Promise<string>): Promise<readonly LogQuestion[]> {
  return [
    overview("overview of a month with odd ends, beside the period before", oddMonth),
    overview("overview of a month so far, beside the period before", monthSoFar),
    beside(
      get("system/performance of a month with odd ends", "system/performance", oddMonth),
      sql.systemPerformance(oddMonth),
      numbersOf(performanceCounts),
    ),
    metric("events by day in Asia/Kolkata", "events", month, inKolkata, sql.eventsByKolkataDay(month)),
    metric("active users by day in Asia/Kolkata", "active_users", month, inKolkata, sql.activeUsersByKolkataDay(month)),
    metric("sessions by day in Asia/Kolkata", "sessions", month, inKolkata, sql.sessionsByKolkataDay(month)),
    metric(
      "sessions by platform and age by day",
      "sessions",
      month,
      { granularity: "day", by: "platform,ageBand" },
      sql.sessionsByPlatformAndAge(month),
    ),
    metric(
      "votes of a segment by day",
      "votes",
      month,
      { granularity: "day", segment: "favouriteGenre:comedy" },
      sql.votesOfComedyLoversByDay(month),
    ),
    metric(
      "votes by genre and platform by day, of one media type",
      "votes",
      month,
      { granularity: "day", by: "genre,platform", filter: "mediaType:movie" },
      sql.votesByGenreAndPlatformOfMovies(month),
    ),
    beside(smallQuestion, sql.eventsIn(oddWeek), pointsOf),
    voteRows("rows behind votes, first page", null),
    voteRows(`rows behind votes, page ${pagesBefore + 1}`, await deepCursor(askText)),
    alone(get("rooms/abandonment", "rooms/abandonment", month)),
    titles("content/performance", {}),
    titles("content/performance of one title", { filter: `contentId:${title}` }, title),
    beside<RetentionAnswer>(
      get("retention by week of two months", "users/retention", twoMonths, { cohort: "week", periods: weeksAfter }),
      sql.retentionByWeek(twoMonths, weeksAfter),
      ({ cohorts }) => cohorts.flatMap(({ size, periods }) => [size, ...periods.map(({ numerator }) => numerator)]),
    ),
    beside<FunnelAnswer>(
      post("funnel of three steps", "funnels/query", month, { steps: funnelSteps, windowMs: funnelWindowMs }),
      sql.funnelOfThree(month, funnelSteps, funnelWindowMs),
      ({ steps }) => steps.flatMap(({ users, p25Ms, medianMs, p75Ms }) => [users, p25Ms, medianMs, p75Ms]),
    ),
    beside<Paths>(
      post(`paths of depth ${pathDepth}`, "paths/query", month, { depth: pathDepth }),
      sql.pathLinks(month, pathDepth),
      ({ links }) => links.map(({ sessions }) => sessions),
    ),
  ];
}

async function deepCursor(askText: (question: HttpQuestion) => Promise<string>): Promise<string> {
  const rowsAtOnce = 1_000;
  let cursor: string | null = null;
  for (let left = pagesBefore * rowsOnPage; left > 0; left -= rowsAtOnce) {
    const parameters: Parameters = { metric: "votes", limit: Math.min(left, rowsAtOnce), ...(cursor === null ? {} : { cursor }) };
    const { nextCursor } = JSON.parse(await askText(get("rows", "explore/events", month, parameters))) as RowsAnswer;
    if (nextCursor === null) throw new Error(`there are no ${pagesBefore} pages of votes: take more events`);
    cursor = nextCursor;
  }
  return cursor as string;
}
