import type { Accumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import type { AmountSum } from "@trinity/aggregation/amount-sum";
import { calendarOf } from "@trinity/aggregation/calendar";
import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity } from "@trinity/aggregation/entity";
import { entityKinds } from "@trinity/aggregation/entity-kind";
import type { Measure } from "@trinity/aggregation/measure";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { type Plan, planQuery } from "@trinity/aggregation/plan";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import { UserSet } from "@trinity/aggregation/user-set";
import { anyWorldAndQuery, anyWorldOfAllKinds, type World } from "@trinity/aggregation/world-arbitrary";
import { unwrap } from "@trinity/runtime/result";
import type { EventStore } from "@trinity/storage/event-store";
import { newEvent, noonMs } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { countFacts } from "./count-facts.ts";
import { measureSql } from "./measures-in-sql.ts";
import { createSealedWorlds } from "./sealed-world.testing.ts";

vi.setConfig({ testTimeout: 240_000 });

const worlds = createSealedWorlds(openMemoryStore);
afterAll(() => worlds.close());

/** What happened once, and whose it is. */
type Fact = { readonly userId: string | null; readonly contributions: readonly Contribution[] };

/** All facts of a store, as events, chunks and the entities of folds give them. */
async function factsOf(store: EventStore): Promise<readonly Fact[]> {
  const [chunks, folds] = [await store.readChunks(0, 1_000), await store.readFoldTimes()];
  const foldedAtMs = (seq: number) => folds.find(({ toSeq }) => toSeq >= seq)?.foldedAtMs as number;
  const numberOf = await userNumbers(store);
  const facts: Fact[] = chunks.flatMap((chunk) => [
    { userId: null, contributions: contributionsOfChunk(chunk, foldedAtMs(chunk.seq)) },
    ...chunk.events.map((event) => ({ userId: event.userId, contributions: contributionsOfEvent(event, numberOf) })),
  ]);
  for (const kind of entityKinds) {
    for (const { key, value } of await store.scanEntities(kind, "", 10_000)) {
      const contributions = contributionsOfEntity({ kind, key }, value);
      facts.push({ userId: contributions[0]?.userId ?? null, contributions });
    }
  }
  return facts;
}

async function userNumbers(store: EventStore): Promise<(userId: string) => number> {
  const users = new Map(
    (await store.scanEntities("user", "", 10_000)).map(({ key, value }) => [key, (value as { number: number }).number]),
  );
  return (userId) => users.get(userId) ?? Number.NaN;
}

function sumsOf(accumulator: Accumulator) {
  const shown = (sum: unknown) => (sum instanceof UserSet ? [...sum] : nonZero(sum as AmountSum));
  return accumulator.series().map(({ key, windows, total }) => ({ key, windows: windows.map(shown), total: shown(total) }));
}

function nonZero(sum: AmountSum): readonly (readonly [component: number, amount: number])[] {
  const amounts: (readonly [number, number])[] = [];
  sum.forEachIn(0, Number.POSITIVE_INFINITY, (component, amount) => amounts.push([component, amount]));
  return amounts;
}

/** Names whose order differs between UTF-8 and UTF-16, and others that are easily mangled. */
const oddNames = {
  comedy: "\u{1f3ac}",
  drama: "\ufb01lm's",
  ana: "\ufeffana",
  "room-1": "ro\u{10000}om",
  android: "And'roid;--",
  "session-1": "\u00e9/1",
};

/** The same world or query with odd names. */
function withOddNames<Named>(named: Named): Named {
  const replaced = Object.entries(oddNames).reduce(
    (json, [name, odd]) => json.replaceAll(JSON.stringify(name), JSON.stringify(odd)),
    JSON.stringify(named),
  );
  return JSON.parse(replaced) as Named;
}

type Case = {
  readonly world: World;
  readonly isSealedAfter: readonly boolean[];
  readonly users: readonly number[] | null;
};

const anyHandling = {
  isSealedAfter: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
  users: fc.option(fc.uniqueArray(fc.nat(3)), { nil: null }),
  isOdd: fc.boolean(),
};

/** @returns how many of the sub-queries were counted from columns: each has the sums that the facts of the store have */
async function expectSameSums({ world, isSealedAfter, users }: Case, plan: Pick<Plan, "subQueries" | "calendar">): Promise<number> {
  const { store, columns } = await worlds.open(world.folds, isSealedAfter);
  const { seq: throughSeq } = await store.readWatermark();
  const userFilter = users === null ? null : UserSet.of(users);
  const numberOf = await userNumbers(store);
  const facts = await factsOf(store);
  const counted = facts.filter(({ userId }) => userFilter === null || (userId !== null && userFilter.has(numberOf(userId))));
  // Nobody asks for the requests or rooms of users.
  const asked = plan.subQueries.filter(({ measure }) => userFilter === null || measure.perUser);
  const both = { ...plan, subQueries: [...asked, ...asked.map(later), ...asked.flatMap(narrower)] };
  const expected = accumulatorsFor(both);
  const accumulators = accumulatorsFor(both);
  const counts = accumulators.map((accumulator) => ({ accumulator, calendar: plan.calendar, userFilter }));
  const filled = await countFacts(columns, counts, throughSeq);
  for (const [i, accumulator] of accumulators.entries()) {
    if (!filled.has(accumulator)) continue;
    for (const { contributions } of counted) for (const contribution of contributions) expected[i]?.addContribution(contribution);
    expect(sumsOf(accumulator)).toEqual(sumsOf(expected[i] as Accumulator));
  }
  return accumulators.slice(0, asked.length).filter((one) => filled.has(one)).length;
}

/** The same some hours later: its range overlaps that of the other, and both may share a statement. */
function later(subQuery: SubQueryPlan): SubQueryPlan {
  const byMs = 5 * 3_600_000 + 7;
  const moved = ({ countFromMs, countToMs }: SubQueryPlan["total"]) => ({ countFromMs: countFromMs + byMs, countToMs: countToMs + byMs });
  const boundaries = subQuery.boundaries.map((atMs) => atMs + byMs);
  return { ...subQuery, boundaries, windows: subQuery.windows.map(moved), total: moved(subQuery.total) };
}

/** Parts of the same in one number each: the rows of the other give them as well. */
function narrower(subQuery: SubQueryPlan): readonly SubQueryPlan[] {
  const [dimension] = subQuery.by;
  if (dimension === undefined) return [];
  const values = ["comedy", oddNames.comedy, "android", oddNames.android, "movie", "other"];
  return [true, false].map((negated) => ({ ...subQuery, by: [], filters: [...subQuery.filters, { dimension, values, negated }] }));
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - SQL over the columns counts for any query what events, chunks and entities contribute, sealed or not", async () => {
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(fc.record({ asked: anyWorldAndQuery, ...anyHandling }), async ({ asked, isOdd, ...handling }) => {
      const { world, query } = isOdd ? withOddNames(asked) : asked;
      const { calendar, subQueries } = unwrap(planQuery(query, { asOfMs: world.asOfMs, minutesFromMs: world.asOfMs }));
      const fromLog = subQueries.map((subQuery) => ({ ...subQuery, source: { kind: "log" } as const }));
      counted += await expectSameSums({ ...handling, world }, { calendar, subQueries: fromLog });
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(counted).toBeGreaterThan(45);
});

test("SQL counts for every measure, by each of its dimension sets, what events, chunks and entities contribute", async () => {
  const anySplit = fc.record({
    world: anyWorldOfAllKinds,
    measures: fc.shuffledSubarray([...measures], { minLength: 4, maxLength: 4 }),
    from: fc.integer({ min: -4, max: 1 }),
    set: fc.nat(),
    inner: fc.array(fc.integer({ min: 0, max: 47 }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.record({ asked: anySplit, ...anyHandling }), async ({ asked, isOdd, ...handling }) => {
      const { world, from, set, inner } = isOdd ? withOddNames(asked) : asked;
      const fromMs = world.aroundMs + from * 21_600_000 + 1;
      const toMs = fromMs + 2 * 86_400_000;
      const boundaries = [...new Set([fromMs, ...inner.map((n) => fromMs + 1 + n * 3_600_000), toMs])].sort((a, b) => a - b);
      const subQueries = asked.measures.map((measure) => wholeSubQuery(measure, set, boundaries));
      const counted = await expectSameSums({ ...handling, world }, { calendar: calendarOf("UTC"), subQueries });
      expect(counted).toBe(asked.measures.filter(({ perUser }) => perUser || handling.users === null).length);
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

function wholeSubQuery(measure: Measure, set: number, boundaries: readonly number[]): SubQueryPlan {
  const windows = boundaries.slice(1).map((countToMs, i) => ({ countFromMs: boundaries[i] as number, countToMs }));
  const total = { countFromMs: boundaries[0] as number, countToMs: boundaries.at(-1) as number };
  const by = measure.sets[set % measure.sets.length]?.dimensions as SubQueryPlan["by"];
  const reads = measure.components === "users" ? "users" : "amounts";
  return { name: "all", reads, measure, by, filters: [], windows, total, boundaries, source: { kind: "log" } };
}

test("a genre that an event lists twice counts once", async () => {
  const properties = { contentId: "movie:1", vote: "like", genres: ["drama", "comedy", "drama"] };
  const events = [newEvent("a", { eventType: "vote_content", properties }).event];
  const chunks = [{ seq: 1, receivedAtMs: noonMs, events, receipts: [] }];
  const vote = measures.find(({ name }) => name === "vote") as Measure;
  const byGenre = { ...wholeSubQuery(vote, 0, [noonMs - 1, noonMs + 1]), by: ["genre"] } as const;
  for (const isSealed of [true, false]) {
    const world = { folds: [{ chunks, foldedAtMs: noonMs }] } as unknown as World;
    const plan = { calendar: calendarOf("UTC"), subQueries: [byGenre] };
    expect(await expectSameSums({ world, isSealedAfter: [isSealed], users: null }, plan)).toBe(1);
  }
});

test("sub-queries that differ only in their ranges share a statement", async () => {
  const [fromMs, middleMs, toMs] = [0, 10 * 86_400_000 + 7, 20 * 86_400_000];
  const [vote, request] = ["vote", "request"].map((name) => measures.find((measure) => measure.name === name) as Measure);
  const both = [vote, request].flatMap((measure) => [
    wholeSubQuery(measure as Measure, 0, [fromMs, middleMs]),
    wholeSubQuery(measure as Measure, 0, [middleMs, toMs]),
  ]);
  const calendar = calendarOf("UTC");
  const accumulators = accumulatorsFor({ subQueries: both, calendar });
  let statements = 0;
  const { columns } = await worlds.open([], []);
  const counted = { ...columns, read: (...all: Parameters<typeof columns.read>) => ((statements += 1), columns.read(...all)) };
  const counts = accumulators.map((accumulator) => ({ accumulator, calendar, userFilter: null }));
  expect([...(await countFacts(counted, counts, 0))]).toEqual(accumulators);
  expect(statements).toBe(2);
});

test("a sub-query of fewer facts in longer windows shares the statement of one that gives them as well", async () => {
  const dayMs = 86_400_000;
  const vote = measures.find(({ name }) => name === "vote") as Measure;
  const byDay = wholeSubQuery(vote, 0, [0, dayMs, 2 * dayMs, 3 * dayMs]);
  const [total, byHour] = [
    [0, 3 * dayMs],
    [0, dayMs / 24, 3 * dayMs],
  ].map((boundaries) => wholeSubQuery(vote, 0, boundaries)) as [SubQueryPlan, SubQueryPlan];
  const ofMovies = { filters: [{ dimension: "mediaType", values: ["movie"], negated: false }] } as const;
  const statementsFor = async (...subQueries: readonly Partial<SubQueryPlan>[]) => {
    let statements = 0;
    const { columns } = await worlds.open([], []);
    const counted = { ...columns, read: (...all: Parameters<typeof columns.read>) => ((statements += 1), columns.read(...all)) };
    const calendar = calendarOf("UTC");
    const accumulators = accumulatorsFor({ subQueries: subQueries as readonly SubQueryPlan[], calendar });
    await countFacts(
      counted,
      accumulators.map((accumulator) => ({ accumulator, calendar, userFilter: null })),
      0,
    );
    return statements;
  };
  const wide = { ...byDay, by: ["platform", "mediaType"] } as const;
  expect(await statementsFor(wide, { ...byDay, by: ["mediaType"] }, { ...total, ...ofMovies, by: [] }, wide)).toBe(1);
  expect(await statementsFor(wide, { ...byDay, by: ["genre"] })).toBe(2);
  expect(await statementsFor({ ...wide, ...ofMovies }, { ...byDay, by: ["mediaType"] })).toBe(2);
  expect(await statementsFor(wide, { ...byHour, by: ["mediaType"] })).toBe(2);
  expect(await statementsFor({ ...wide, componentsBelow: 1 }, { ...byDay, by: ["mediaType"] })).toBe(2);
});

test("every measure has a definition in SQL", () => {
  for (const measure of measures) expect(measureSql(measure)).toBeDefined();
});
