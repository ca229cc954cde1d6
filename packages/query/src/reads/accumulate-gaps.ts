import type { Accumulator } from "@trinity/aggregation/accumulator";
import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity, readsFor } from "@trinity/aggregation/entity";
import { type EventMeasure, eventMeasures } from "@trinity/aggregation/event-measures";
import { isFoundByEvents, rangesOfEvents } from "@trinity/aggregation/found-by-events";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { CountedKind, MeasureOrigin } from "@trinity/aggregation/measure";
import { hasShortGaps, logRangesOf, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import { isInAny, joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import type { LogScan } from "./accumulate-log.ts";
import { pagesOfChunks } from "./chunk-pages.ts";
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
  const byMeasure = Map.groupBy(counted, ({ accumulator }) => accumulator.subQuery.measure.name);
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
  const entities = new EntitiesOfEvents(store, kinds, budget);
  const isAboutUsers = counts.some(({ userFilter }) => userFilter !== null);
  const count = (userId: string | null, contributions: readonly Contribution[]) => {
    for (const contribution of contributions) {
      for (const { userFilter, accumulator } of byMeasure.get(contribution.measure) ?? [])
        if (numbers.isIncluded(userId, userFilter)) accumulator.addContribution(contribution);
    }
  };
  const ranges = joinTimeRanges([...eventRanges, ...entityRanges]);
  const measuresAt = measuresByTime(counted.map(({ accumulator }) => accumulator.subQuery));
  const numberOf = (userId: string) => numbers.of(userId);
  for await (const chunks of pagesOfChunks(store, { ranges, throughSeq }, pageEvents, budget)) {
    const events = chunks.flatMap((chunk) => chunk.events.filter(({ timestampMs }) => isInAny(eventRanges, timestampMs)));
    await numbers.learn(events.map(({ userId }) => userId));
    for (const event of events) {
      const wanted = measuresAt(event.timestampMs);
      if (wanted.length > 0) count(event.userId, contributionsOfEvent(event, numberOf, wanted));
    }
    const found = await entities.contributionsNear(chunks, entityRanges);
    if (isAboutUsers) await numbers.learn(found.map(ownerOf));
    for (const contributions of found) count(ownerOf(contributions), contributions);
  }
}

/**
 * Users are kept by the hour, all else by the minute, so most events of a gap count for few measures.
 * @returns the measures of single events that are counted from the log at an instant
 */
function measuresByTime(subQueries: readonly SubQueryPlan[]): (atMs: number) => readonly EventMeasure[] {
  const gaps = eventMeasures.map(({ name }) =>
    joinTimeRanges(subQueries.flatMap((subQuery) => (subQuery.measure.name === name ? logRangesOf(subQuery) : []))),
  );
  const ends = [...new Set(gaps.flat().flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const wanted = ends.map((fromMs) => eventMeasures.filter((_, i) => isInAny(gaps[i] ?? [], fromMs)));
  return (atMs) => wanted[ends.findLastIndex((fromMs) => fromMs <= atMs)] ?? [];
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

/** Reads the entities that events belong to, each once. */
class EntitiesOfEvents {
  readonly #store: Pick<EventStore, "readEntities">;
  readonly #kinds: readonly CountedKind[];
  readonly #budget: ScanBudget;
  readonly #read: ReadonlyMap<CountedKind, Set<string>>;

  constructor(store: Pick<EventStore, "readEntities">, kinds: readonly CountedKind[], budget: ScanBudget) {
    this.#store = store;
    this.#kinds = kinds;
    this.#budget = budget;
    this.#read = new Map(kinds.map((kind) => [kind, new Set()]));
  }

  /**
   * @param ranges of the events: the inferred sessions between two of them are not read
   * @returns the contributions of each entity that was not read before
   */
  async contributionsNear(chunks: readonly LogChunk[], ranges: readonly TimeRange[]): Promise<readonly (readonly Contribution[])[]> {
    if (this.#kinds.length === 0) return [];
    const isIn = ({ fromMs, toMs }: TimeRange, { timestampMs }: StoredEvent) => timestampMs >= fromMs && timestampMs < toMs;
    const reads = ranges.map((range) => readsFor(chunks.flatMap(({ events }) => events.filter((event) => isIn(range, event)))));
    const refs = reads.flatMap((read) => read.refs.filter(({ kind, key }) => this.#read.get(kind as CountedKind)?.has(key) === false));
    const inferredSessions = this.#kinds.includes("inferredSession") ? reads.flatMap((read) => read.inferredSessions) : [];
    const found = await this.#store.readEntities({ refs, inferredSessions });
    const contributions: (readonly Contribution[])[] = [];
    for (const kind of this.#kinds) {
      for (const [key, entity] of found[kind]) {
        const read = this.#read.get(kind) as Set<string>;
        if (read.has(key)) continue;
        read.add(key);
        contributions.push(contributionsOfEntity({ kind, key }, entity));
      }
    }
    this.#budget.spend(contributions.length);
    return contributions;
  }
}
