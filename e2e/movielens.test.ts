import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { type SeededChoice, seededChoice } from "@trinity/testing/seeded-random";
import { verifyStore } from "@trinity/verification/verify-store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, createApiClient, type ServedMetric } from "./api-client.ts";
import { type SentEvent, sendAll } from "./event-sender.ts";
import { differencesOf, linesOfAnswer, linesOfRows } from "./metric-lines.ts";
import { hasMovieLens, type MovieLens, openMovieLens } from "./movielens.ts";
import { type Question, questions, wholeRange } from "./movielens-questions.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";

const batchEventsMax = 1_000;
const ratings = 100_836;
const seed = 20_181_126;
/** Enough for a hundred thousand events over twenty years on a busy machine. */
const workWithinMs = 240_000;

const present = hasMovieLens();
const missing = "skipped: ../shared/data/movielens-latest-small is missing";
if (!present) console.warn(missing);

describe.skipIf(!present)(`the votes of MovieLens through the real processes${present ? "" : `, ${missing}`}`, () => {
  let data: MovieLens;
  let votes: readonly SentEvent[];
  let processes: RealProcesses;
  let api: ApiClient;
  const firstAnswers = new Map<Question, string>();

  const ask = ({ ask: metric, range = wholeRange }: Question) => api.metric(`${metric}&${range}`);

  beforeAll(async () => {
    data = await openMovieLens();
    votes = await data.votes();
    processes = await startRealProcesses({ TRINITY_MAX_EVENT_AGE: "unlimited" });
    api = createApiClient(processes);
  }, startWithinMs);

  afterAll(async () => {
    data?.close();
    await processes?.stop();
    processes?.discard();
  });

  test("every rating is accepted as a vote", { timeout: workWithinMs }, async () => {
    const batches = Array.from({ length: Math.ceil(votes.length / batchEventsMax) }, (_, i) =>
      votes.slice(i * batchEventsMax, (i + 1) * batchEventsMax),
    );
    const acknowledged = await sendAll(processes, batches, { senders: 1, encodingOf: () => "identity" });
    expect(acknowledged).toEqual({ accepted: ratings, duplicates: 0, rejected: [] });
    expect(await api.ingestCounts()).toMatchObject({ received: ratings, stored: ratings, duplicates: 0, rejected: 0 });
  });

  for (const question of questions) {
    test(`${question.ask} equals the result of SQL over the raw rows (from the ${question.source})`, async () => {
      const answer = await ask(question);
      firstAnswers.set(question, withoutPresent(answer));
      const expected = linesOfRows(await data.rows(question.sql));
      expect(expected.length).toBeGreaterThan(0);
      expect(differencesOf(linesOfAnswer(answer), expected)).toEqual([]);
      expect(answer.source).toBe(question.source);
    });
  }

  test("the figures equal the data set's own reference", async () => {
    const { daily, sessions, sessionsByStartDate, isoWeeks, months, genres, hourOfDayUtc, isoDayOfWeek } = data.reference;
    const points = async (query: string) => (await api.metric(`${query}&${wholeRange}`)).series[0]?.points ?? [];
    const days = await Promise.all(
      ["active_users?", "active_users?window=7", "active_users?window=30", "votes?", "new_users?"].map((query) =>
        points(`${query}&granularity=day`),
      ),
    );
    const dailyAnswer = days[0]?.map(({ start }, i) => [start.slice(0, 10), ...days.map((of) => of[i]?.value)]);
    expect(dailyAnswer).toEqual(columnsOf(daily, ["date", "dau", "wau7", "mau30", "events", "newUsers"]));

    const [all] = (await api.metric(`bounce_rate?granularity=total&${wholeRange}`)).totals;
    expect(all).toMatchObject({ numerator: sessions.bounces, denominator: sessions.count });
    const [duration] = (await api.metric(`session_duration?granularity=total&${wholeRange}`)).totals;
    expect(duration).toMatchObject({ count: sessions.count, value: (sessions.totalDurationS * 1_000) / sessions.count });
    const [actions] = (await api.metric(`actions_per_session?granularity=total&${wholeRange}`)).totals;
    expect(actions).toMatchObject({ numerator: sessions.totalActions, denominator: sessions.count });
    const bounces = (await points("bounce_rate?granularity=day")).filter(({ denominator }) => denominator !== 0);
    expect(bounces.map(({ start, numerator, denominator }) => [start.slice(0, 10), denominator, numerator])).toEqual(
      columnsOf(sessionsByStartDate, ["date", "sessions", "bounces"]),
    );

    const weeks = await Promise.all(["active_users", "votes"].map((name) => points(`${name}?granularity=week`)));
    expect(weeks[0]?.map(({ value }, i) => [value, weeks[1]?.[i]?.value]).filter(([users]) => users !== 0)).toEqual(
      columnsOf(isoWeeks, ["wau", "events"]),
    );
    const monthly = await Promise.all(["active_users", "votes"].map((name) => points(`${name}?granularity=month`)));
    expect(
      monthly[0]?.map(({ start, value }, i) => [start.slice(0, 7), value, monthly[1]?.[i]?.value]).filter(([, users]) => users !== 0),
    ).toEqual(columnsOf(months, ["month", "mau", "events"]));

    const byGenre = (await api.metric(`positive_rate?granularity=total&by=genre&${wholeRange}`)).totals;
    expect(new Map(byGenre.map(({ by, numerator, denominator }) => [by["genre"], [denominator, numerator]]))).toEqual(
      new Map(columnsOf(genres, ["genre", "votes", "positives"]).map(([genre, ...counts]) => [genreNameOf(genre as string), counts])),
    );
    const byHour = (await api.metric(`votes?granularity=total&by=hourOfDay&${wholeRange}`)).totals;
    expect(new Map(byHour.map(({ by, value }) => [Number(by["hourOfDay"]), value]))).toEqual(new Map(hourOfDayUtc));
    const byWeekday = (await api.metric(`votes?granularity=total&by=weekday&${wholeRange}`)).totals;
    expect(new Map(byWeekday.map(({ by, value }) => [Number(by["weekday"]), value]))).toEqual(new Map(isoDayOfWeek));
  });

  test.each([
    ["day", "lifecycleDay"],
    ["week", "lifecycleIsoWeek"],
    ["month", "lifecycleMonth"],
  ] as const)("who is new, returning, resurrected and dormant by the %s is what the reference says", async (granularity, table) => {
    const names = ["active_users", "new_users", "returning_users", "resurrected_users", "dormant_users"];
    const series = await Promise.all(
      names.map(async (name) => (await api.metric(`${name}?granularity=${granularity}&${wholeRange}`)).series[0]?.points ?? []),
    );
    const rows = series[0]?.map((_, i) => series.map((points) => points[i]?.value)).filter((row) => row.some((value) => value !== 0));
    const expected = columnsOf(data.reference[table], ["active", "new", "returning", "resurrected", "dormant"]);
    expect(rows).toEqual(expected.filter((row) => row.some((value) => value !== 0)));
  });

  test.each([
    ["week", "cohortsIsoWeek"],
    ["month", "cohortsMonth"],
  ] as const)("of those who came in a %s, as many come back as the reference says, classic and rolling", async (cohort, table) => {
    const rows = columnsOf(data.reference[table], ["cohort", "size", "n", "classic", "rolling"]) as [
      string,
      number,
      number,
      number,
      number,
    ][];
    const periods = Math.max(...rows.map(([, , n]) => n));
    for (const kind of ["classic", "rolling"] as const) {
      const path = `/users/retention?${wholeRange}&cohort=${cohort}&kind=${kind}&periods=${periods}`;
      const { cohorts } = (await api.get(path)) as {
        cohorts: { start: string; size: number; periods: { n: number; numerator: number }[] }[];
      };
      const answered = new Map(cohorts.map((one) => [labelOf(one.start, cohort), one]));
      const expected = rows.map(([name, size, n, classic, rolling]) => [name, size, n, kind === "classic" ? classic : rolling]);
      expect(
        expected.map(([name, , n]) => [
          name,
          answered.get(name as string)?.size,
          n,
          answered.get(name as string)?.periods[n as number]?.numerator,
        ]),
      ).toEqual(expected);
    }
  });

  test("the interval of each title's positive rate begins at Wilson's lower bound of the reference", async () => {
    const { totals } = await api.metric(`positive_rate?granularity=total&by=contentId&${wholeRange}`);
    const lowerBounds = new Map(totals.map(({ by, interval }) => [by["contentId"], interval?.[0]]));
    const titles = columnsOf(data.reference.movies, ["movieId", "wilson95"]);
    expect(titles).toHaveLength(9_724);
    const off = titles.filter(
      ([movieId, bound]) => !(Math.abs((lowerBounds.get(`movie:${movieId}`) as number) - (bound as number)) < 1e-12),
    );
    expect(off).toEqual([]);
  });

  test("quantiles of the session duration are within one per cent", async () => {
    for (const quantile of [50, 90, 95, 99]) {
      const [{ exact } = { exact: Number.NaN }] = await data.rows(
        `select quantile_disc(durationS, ${quantile / 100}) * 1000 as exact from sessions`,
      );
      const [total] = (await api.metric(`session_duration?granularity=total&stat=p${quantile}&${wholeRange}`)).totals;
      expect(Math.abs((total?.value as number) - (exact as number)), `p${quantile}`).toBeLessThanOrEqual(0.01 * (exact as number));
    }
  });

  test("everything again, shuffled, in other batches, by two senders, partly gzipped, changes no number", {
    timeout: workWithinMs,
  }, async () => {
    const random = seededChoice(seed);
    const batches = unevenBatches(shuffled(votes, random), random);
    const acknowledged = await sendAll(processes, batches, {
      senders: 2,
      encodingOf: (batch) => (batch % 3 === 0 ? "gzip" : "identity"),
    });
    expect(acknowledged).toEqual({ accepted: 0, duplicates: ratings, rejected: [] });
    expect(await api.ingestCounts()).toMatchObject({ received: 2 * ratings, stored: ratings, duplicates: ratings, rejected: 0 });
    expect(firstAnswers.size).toBe(questions.length);
    const changed: string[] = [];
    for (const question of questions) if (withoutPresent(await ask(question)) !== firstAnswers.get(question)) changed.push(question.ask);
    expect(changed).toEqual([]);
  });

  test("the stored state equals the state derived from the log", { timeout: workWithinMs }, async () => {
    const store = openSqliteStore({ dataDir: processes.dataDir, mode: "readonly" });
    try {
      const { throughSeq, cells, entities, differences } = await verifyStore(store);
      expect(differences).toEqual([]);
      expect(throughSeq).toBe(await store.headSeq());
      expect(cells).toBeGreaterThan(ratings);
      expect(entities).toBe(610 + 7_145 + 9_724);
    } finally {
      await store.close();
    }
  });

  test("both processes stop cleanly when asked", async () => {
    expect(await processes.stop()).toEqual([0, 0]);
  });
});

/** The answer as text, without the fields that depend on its time. */
function withoutPresent({ asOf: _asOf, revision: _revision, ...answer }: ServedMetric): string {
  return JSON.stringify(answer);
}

function genreNameOf(genre: string): string {
  return genre === "(no genres listed)" ? "unknown" : genre.toLowerCase();
}

function columnsOf(
  table: { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] },
  names: readonly string[],
) {
  const indexes = names.map((name) => table.columns.indexOf(name));
  return table.rows.map((row) => indexes.map((index) => row[index]));
}

function shuffled<T>(values: readonly T[], random: SeededChoice): readonly T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

/** Batches of 1 to 1,000 events: as many small ones as large ones. */
function unevenBatches<T>(values: readonly T[], random: SeededChoice): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let at = 0; at < values.length; ) {
    const size = 1 + random.below(random.pick([10, 100, 500, batchEventsMax]));
    batches.push(values.slice(at, at + size));
    at += size;
  }
  return batches;
}

/** `2018-W39` or `2018-09`, as in the reference. */
function labelOf(start: string, unit: "week" | "month"): string {
  if (unit === "month") return start.slice(0, 7);
  const dayMs = 86_400_000;
  const thursdayMs = Date.parse(start) + 3 * dayMs;
  const year = new Date(thursdayMs).getUTCFullYear();
  const week = Math.floor((thursdayMs - Date.UTC(year, 0, 1)) / dayMs / 7) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}
