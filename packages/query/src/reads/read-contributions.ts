import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity, type EntityRef } from "@trinity/aggregation/entity";
import type { CountedKind, MeasureOrigin } from "@trinity/aggregation/measure";
import { roomMilestones } from "@trinity/aggregation/room-measures";
import type { Fact } from "@trinity/aggregation/row";
import { isInAny, type TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "@trinity/storage/event-store";
import { pagesOfChunks } from "./chunk-pages.ts";
import { pagesOfEntities, pagesOfRooms } from "./entity-pages.ts";
import { entityGroupsFrom } from "./row-page.ts";
import { ScanBudget } from "./scan-limit.ts";
import { UserNumbers } from "./user-numbers.ts";

const pageEvents = 20_000;
const pageEntities = 5_000;

/**
 * What is read: events that happened in any of the ranges, in chunks up to `throughSeq`, and rooms that were created, started or ended in one;
 * other entities and chunks are read whole.
 */
export type ContributionRanges = {
  /** Ascending, disjoint, none empty. */
  readonly ranges: readonly TimeRange[];
  readonly throughSeq: number;
  /** Only facts of these users; null for all facts, those without a user included. */
  readonly userFilter: UserSet | null;
};

/**
 * Everything that contributes to measures of an origin, read from the log and the entities instead of the cells, in order of place: the
 * facts of a chunk or of a page of entities at a time.
 * @param scanMax how many events or entities may be read before the scan gives up
 * @throws {ScanLimitError}
 */
export async function* readContributions(
  store: EventStore,
  origin: MeasureOrigin,
  wanted: ContributionRanges,
  scanMax: number,
): AsyncGenerator<readonly Fact[]> {
  const budget = new ScanBudget(scanMax, "rows");
  const numbers = new UserNumbers(store);
  if (origin === "events") yield* ofEvents(store, wanted, numbers, budget);
  else if (origin === "chunks") yield* ofChunks(store, wanted.throughSeq, budget);
  else {
    const firstGroup = origin[0] === "events" ? entityGroupsFrom : 0;
    for (const [index, kind] of origin.entries()) {
      if (kind === "events") yield* ofEvents(store, wanted, numbers, budget);
      else yield* ofEntities(store, { ...wanted, kind, group: firstGroup + index }, numbers, budget);
    }
  }
}

async function* ofEvents(
  store: EventStore,
  { userFilter, ranges, throughSeq }: ContributionRanges,
  numbers: UserNumbers,
  budget: ScanBudget,
): AsyncGenerator<readonly Fact[]> {
  const numberOf = (userId: string) => numbers.of(userId);
  for await (const chunks of pagesOfChunks(store, { ranges, throughSeq }, pageEvents, budget)) {
    await numbers.learn(chunks.flatMap(({ events }) => events.map(({ userId }) => userId)));
    for (const { seq, events } of chunks) {
      const facts: Fact[] = [];
      for (const [key, event] of events.entries()) {
        if (!isInAny(ranges, event.timestampMs) || !numbers.isIncluded(event.userId, userFilter)) continue;
        facts.push({ place: { group: seq, key }, event, contributions: contributionsOfEvent(event, numberOf) });
      }
      yield facts;
    }
  }
}

async function* ofChunks(store: EventStore, throughSeq: number, budget: ScanBudget): AsyncGenerator<readonly Fact[]> {
  const folds = await store.readFoldTimes();
  let fold = 0;
  for (let afterSeq = 0; afterSeq < throughSeq; ) {
    const chunks = await store.readChunks(afterSeq, pageEvents);
    if (chunks.length === 0) return;
    for (const chunk of chunks) {
      if (chunk.seq > throughSeq) return;
      budget.spend(1 + chunk.events.length);
      afterSeq = chunk.seq;
      while (fold < folds.length && (folds[fold]?.toSeq ?? 0) < chunk.seq) fold += 1;
      const contributions = contributionsOfChunk(chunk, folds[fold]?.foldedAtMs ?? chunk.receivedAtMs);
      yield contributions.map((one, key) => ({ place: { group: chunk.seq, key }, event: null, contributions: [one] }));
    }
  }
}

async function* ofEntities(
  store: EventStore,
  { kind, group, userFilter, ranges }: ContributionRanges & { readonly kind: CountedKind; readonly group: number },
  numbers: UserNumbers,
  budget: ScanBudget,
): AsyncGenerator<readonly Fact[]> {
  const pages =
    kind === "room"
      ? pagesOfRooms(store, roomMilestones, ranges, pageEntities, budget)
      : pagesOfEntities(store, kind, pageEntities, budget);
  for await (const page of pages) {
    const facts = page.flatMap(({ key, value }) => factsOf({ kind, key }, contributionsOfEntity({ kind, key }, value), group));
    if (userFilter !== null) await numbers.learn(facts.map(ownerOf));
    yield facts.filter((fact) => numbers.isIncluded(ownerOf(fact), userFilter));
  }
}

/** An entity is one fact; of a stream each increment is one. */
function factsOf({ kind, key }: EntityRef, contributions: readonly Contribution[], group: number): readonly Fact[] {
  if (kind !== "stream") return [{ place: { group, key }, event: null, contributions }];
  return contributions.map((one) => ({
    place: { group, key: `${key}/${String(one.atMs).padStart(15, "0")}` },
    event: null,
    contributions: [one],
  }));
}

/** All contributions of an entity have the same user, or none has one. */
function ownerOf({ contributions: [first] }: Fact): string | null {
  return first?.userId ?? null;
}
