import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { SentEvent } from "./event-sender.ts";

/** MovieLens latest-small: 100,836 real ratings of real films, read and computed by another engine. */
export type MovieLens = {
  /** Every rating as the vote that a Trinity app would have sent, in the order of the file. */
  votes(): Promise<readonly SentEvent[]>;
  /** Rows of a query over the tables `ratings`, `films`, `genres`, `sessions` and `days`. Integers come as numbers. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The results of the data set's own reference. */
  readonly reference: ReferenceMetrics;
  close(): void;
};

type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly (number | string)[])[] };
type ReferenceMetrics = {
  readonly sessions: Readonly<Record<"count" | "bounces" | "totalActions" | "totalDurationS", number>>;
  readonly hourOfDayUtc: readonly (readonly [number, number])[];
  readonly isoDayOfWeek: readonly (readonly [number, number])[];
} & Readonly<Record<TableName, Table>>;
type TableName =
  | "daily"
  | "isoWeeks"
  | "months"
  | "movies"
  | "genres"
  | "sessionsByStartDate"
  | "lifecycleDay"
  | "lifecycleIsoWeek"
  | "lifecycleMonth"
  | "cohortsIsoWeek"
  | "cohortsMonth";

/** The folder of the data: beside the repository, not in it. */
const movieLensDir = join(import.meta.dirname, "../../shared/data/movielens-latest-small");

export function hasMovieLens(): boolean {
  return ["ratings.csv.gz", "movies.csv.gz", "reference-metrics.json.gz"].every((name) => existsSync(join(movieLensDir, name)));
}

const noGenres = "(no genres listed)";

/** A gap of 30 minutes or more starts a session. Events of a user at the same time are ordered by film, so that the order is unique. */
const tables = `
  create table ratings as
    select userId, movieId, rating, timestamp as ts, rating >= 4 as liked, make_timestamp(timestamp * 1000000) as votedAt from read_csv($ratings);
  create table films as select movieId, genres from read_csv($movies);
  create table genres as
    select movieId, genre from (select movieId, lower(unnest(string_split(genres, '|'))) as genre from films where genres <> '${noGenres}')
    union all select movieId, 'unknown' from films where genres = '${noGenres}';
  create table sessions as
    with marked as (
      select *, coalesce(ts - lag(ts) over (partition by userId order by ts, movieId) >= 1800, true) as opens from ratings
    ), numbered as (
      select *, sum(opens::int) over (partition by userId order by ts, movieId) as session from marked
    )
    select userId, session, min(votedAt) as startAt, max(ts) - min(ts) as durationS, count(*) as actions from numbered group by all;
  create table days as
    select unnest(generate_series(timestamp '1996-03-29', timestamp '2018-09-24', interval 1 day)) as day;
`;

/** @throws {Error} when a file is missing */
export async function openMovieLens(): Promise<MovieLens> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  await connection.run(tables.replace("$ratings", quoted("ratings.csv.gz")).replace("$movies", quoted("movies.csv.gz")));
  const rows = (sql: string) => rowsOf(connection, sql);
  return {
    rows,
    votes: async () => (await rows("select userId, movieId, liked, ts, genres from ratings join films using (movieId)")).map(voteOf),
    reference: JSON.parse(gunzipSync(readFileSync(join(movieLensDir, "reference-metrics.json.gz"))).toString()) as ReferenceMetrics,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function quoted(name: string): string {
  return `'${join(movieLensDir, name).replaceAll("'", "''")}'`;
}

async function rowsOf(connection: DuckDBConnection, sql: string) {
  const reader = await connection.runAndReadAll(sql);
  return reader
    .getRowObjectsJS()
    .map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value])),
    );
}

function voteOf({ userId, movieId, liked, ts, genres }: Readonly<Record<string, unknown>>): SentEvent {
  return {
    eventId: `ml:${userId}:${movieId}`,
    eventType: "vote_content",
    timestamp: (ts as number) * 1_000,
    userId: String(userId),
    properties: {
      contentId: `movie:${movieId}`,
      vote: liked === true ? "like" : "dislike",
      genres: genres === noGenres ? [] : (genres as string).toLowerCase().split("|"),
      mediaType: "movie",
    },
    source: { system: "app" },
  };
}
