import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity, readsFor } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import { type EventMeasure, eventMeasures } from "@trinity/aggregation/event-measures";
import { isFoundByEvents, rangesOfEvents } from "@trinity/aggregation/found-by-events";
import type { CountedKind, MeasureOrigin } from "@trinity/aggregation/measure";
import { hasShortGaps, logRangesOf, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import { joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "@trinity/storage/event-store";
import type { LogScan } from "./accumulate-log.ts";
import { type ChunkByTime, chunkByTime } from "./chunk-by-time.ts";
import { pagesOfChunks } from "./chunk-pages.ts";
import { GapSums } from "./gap-sums.ts";
import { ScanBudget } from "./scan-limit.ts";
import { UserNumbers } from "./user-numbers.ts";

// The entities of a page are read at once.
const pageEvents = 5_000;

/** Whether `accumulateGaps` counts what the sub-query reads of the log. */
export function isCountedByGaps(subQuery: SubQueryPlan): boolean {
  return hasShortGaps(subQuery) && isFoundByEvents(subQuery.measure.origin);
}

/** Accumulators of sub-queries that are counted by gaps, and the only users that they count; null for all users. */
export type GapCounts = { readonly userFilter: UserSet | null; readonly accumulators: readonly Accumulator[] };

/**
 * Counts the gaps of the sub-queries: their events, and the entities that these belong to. The chunks are read once for all sub-queries.
 * @throws {ScanLimitError}
 */
export async function accumulateGaps(
  store: EventStore,
  counts: readonly GapCounts[],
  { throughSeq, scanMax }: Omit<LogScan, "userFilter">,
): Promise<void> {
  const counted = counts.flatMap(({ userFilter, accumulators }) => accumulators.map((accumulator) => ({ userFilter, accumulator })));
  if (counted.length === 0) return;
  const gapsOf = (isOf: (origin: MeasureOrigin) => boolean) =>
    counted.flatMap(({ accumulator: { subQuery } }) => (isOf(subQuery.measure.origin) ? logRangesOf(subQuery) : []));
  const kinds = [...new Set(counted.flatMap(({ accumulator }) => kindsOf(accumulator.subQuery.measure.origin)))];
  const eventRanges = joinTimeRanges(gapsOf(countsEvents));
  const entityRanges = rangesOfEvents(
    kinds,
    gapsOf((origin) => kindsOf(origin).length > 0),
  );
  const budget = new ScanBudget(scanMax, "rows");
  const numbers = new UserNumbers(store);
  const entities = new EntitiesOfEvents(store, { kinds, ranges: entityRanges, budget, numbers });
  const [alone, each] = [counted.filter(countsAlike), counted.filter((one) => !countsAlike(one))];
  const sums = new GapSums(alone.map(({ accumulator }) => accumulator));
  const byMeasure = Map.groupBy(each, ({ accumulator }) => accumulator.subQuery.measure.name);
  const count = (userId: string | null, contributions: readonly Contribution[]) => {
    for (const contribution of contributions) {
      for (const { userFilter, accumulator } of byMeasure.get(contribution.measure) ?? [])
        if (numbers.isIncluded(userId, userFilter)) accumulator.addContribution(contribution);
    }
  };
  const [toSum, toCount] = [gapsByMeasure(alone), gapsByMeasure(each)];
  const isAboutUsers = counts.some(({ userFilter }) => userFilter !== null);
  const numberOf = (userId: string) => numbers.of(userId);
  const ranges = joinTimeRanges([...eventRanges, ...entityRanges]);
  for await (const page of pagesOfChunks(store, { ranges, throughSeq }, pageEvents, budget)) {
    const chunks = page.map(chunkByTime);
    const found = await entities.contributionsNear(chunks);
    const users = new Set<string | null>();
    const note = (userId: string) => (users.add(userId), 0);
    for (const chunk of chunks) {
      for (const { measure, gap } of toSum) for (const userId of chunk.usersNeeded(measure, gap)) users.add(userId);
      for (const { measure, gap } of toCount) {
        for (const event of chunk.eventsIn(gap)) {
          if (isAboutUsers) users.add(event.userId);
          measure.amountsOf(event, note);
        }
      }
    }
    if (isAboutUsers) for (const contributions of found) users.add(ownerOf(contributions));
    await numbers.learn(users);
    for (const chunk of chunks) {
      for (const { measure, gap } of toSum) {
        chunk.forEachAmount(measure, gap, numberOf, (atMs, amounts) => sums.add(measure.name, atMs, amounts));
      }
      for (const { measure, gap } of toCount) {
        for (const event of chunk.eventsIn(gap)) count(event.userId, contributionsOfEvent(event, numberOf, [measure]));
      }
    }
    for (const contributions of found) {
      for (const { measure, atMs, amounts } of contributions) sums.add(measure, atMs, amounts);
      count(ownerOf(contributions), contributions);
    }
  }
  sums.addUp();
}

/** Whether all facts of an instant count alike, whatever their dimensions and users. */
function countsAlike({ userFilter, accumulator }: { readonly userFilter: UserSet | null; readonly accumulator: Accumulator }): boolean {
  const { by, filters } = accumulator.subQuery;
  return userFilter === null && by.length === 0 && filters.length === 0;
}

/** @returns the gaps of each measure of single events: users are kept by the hour, all else by the minute */
function gapsByMeasure(
  counted: readonly { readonly accumulator: Accumulator }[],
): readonly { readonly measure: EventMeasure; readonly gap: TimeRange }[] {
  return eventMeasures.flatMap((measure) => {
    const alike = counted.filter(({ accumulator: { subQuery } }) => subQuery.measure.name === measure.name);
    const gaps = joinTimeRanges(alike.flatMap(({ accumulator: { subQuery } }) => logRangesOf(subQuery)));
    return gaps.map((gap) => ({ measure, gap }));
  });
}

function countsEvents(origin: MeasureOrigin): boolean {
  return typeof origin === "string" ? origin === "events" : origin[0] === "events";
}

function kindsOf(origin: MeasureOrigin): readonly CountedKind[] {
  return typeof origin === "string" ? [] : [...origin].filter((kind) => kind !== "events");
}

/** All contributions of an entity have the same user, or none has one. */
function ownerOf([first]: readonly Contribution[]): string | null {
  return first?.userId ?? null;
}

type EntitySettings = {
  /** Those of which contributions are wanted. */
  readonly kinds: readonly CountedKind[];
  /** Of the events, ascending and disjoint: the inferred sessions between two of them are not read. */
  readonly ranges: readonly TimeRange[];
  readonly budget: ScanBudget;
  /** Told of the users that are read. */
  readonly numbers: UserNumbers;
};

/** Reads the entities that events belong to, each once. */
class EntitiesOfEvents {
  readonly #store: Pick<EventStore, "readEntities">;
  readonly #settings: EntitySettings;
  readonly #read: ReadonlyMap<EntityKind, Set<string>>;

  constructor(store: Pick<EventStore, "readEntities">, settings: EntitySettings) {
    this.#store = store;
    this.#settings = settings;
    this.#read = new Map(settings.kinds.map((kind) => [kind, new Set()]));
  }

  /** @returns the contributions of each entity that was not read before */
  async contributionsNear(chunks: readonly ChunkByTime[]): Promise<readonly (readonly Contribution[])[]> {
    const { kinds, ranges, budget, numbers } = this.#settings;
    if (ranges.length === 0) return [];
    const near = ranges.map((range) => chunks.flatMap((chunk) => chunk.eventsIn(range)));
    const reads = near.map((events) => readsFor(events, kinds));
    const refs = reads.flatMap((read) => read.refs.filter(({ kind, key }) => this.#read.get(kind)?.has(key) === false));
    const inferredSessions = kinds.includes("inferredSession") ? reads.flatMap((read) => read.inferredSessions) : [];
    const found = await this.#store.readEntities({ refs, inferredSessions });
    numbers.note(found.user);
    const contributions: (readonly Contribution[])[] = [];
    for (const kind of kinds) {
      for (const [key, entity] of found[kind]) {
        const read = this.#read.get(kind) as Set<string>;
        if (read.has(key)) continue;
        read.add(key);
        contributions.push(contributionsOfEntity({ kind, key }, entity));
      }
    }
    budget.spend(contributions.length);
    return contributions;
  }
}
