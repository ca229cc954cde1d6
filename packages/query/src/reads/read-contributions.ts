import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity, type EntityRef } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import type { MeasureOrigin } from "@trinity/aggregation/measure";
import type { Fact } from "@trinity/aggregation/row";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "@trinity/storage/event-store";
import { entityGroupsFrom } from "./row-page.ts";
import { UserNumbers } from "./user-numbers.ts";

const pageEvents = 20_000;
const pageEntities = 5_000;

/** A question needs more of the log than one answer may read. */
export class ScanLimitError extends Error {
  override readonly name = "ScanLimitError";
}

/** What of the log is read: events that happened in `[fromMs, toMs)`, in chunks up to `throughSeq`; entities and chunks are read whole. */
export type ContributionRange = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly throughSeq: number;
  /** Only what is of these users; of everybody and nobody where it is `null`. */
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
  range: ContributionRange,
  scanMax: number,
): AsyncGenerator<readonly Fact[]> {
  let left = scanMax;
  const spend = (n: number) => {
    left -= n;
    if (left < 0) throw new ScanLimitError(`more than ${scanMax} rows would have to be read`);
  };
  const numbers = new UserNumbers(store);
  if (origin === "events") yield* ofEvents(store, range, numbers, spend);
  else if (origin === "chunks") yield* ofChunks(store, range.throughSeq, spend);
  else {
    const firstGroup = origin[0] === "events" ? entityGroupsFrom : 0;
    for (const [index, kind] of origin.entries()) {
      if (kind === "events") yield* ofEvents(store, range, numbers, spend);
      else yield* ofEntities(store, { kind, group: firstGroup + index, userFilter: range.userFilter }, numbers, spend);
    }
  }
}

async function* ofEvents(
  store: EventStore,
  { userFilter, ...range }: ContributionRange,
  numbers: UserNumbers,
  spend: (n: number) => void,
): AsyncGenerator<readonly Fact[]> {
  const numberOf = (userId: string) => numbers.of(userId);
  for (let afterSeq = 0; ; ) {
    const chunks = await store.readChunksInRange({ ...range, afterSeq }, pageEvents);
    if (chunks.length === 0) return;
    await numbers.learn(chunks.flatMap(({ events }) => events.map(({ userId }) => userId)));
    for (const { seq, events } of chunks) {
      spend(events.length);
      afterSeq = seq;
      const facts: Fact[] = [];
      for (const [key, event] of events.entries()) {
        if (event.timestampMs < range.fromMs || event.timestampMs >= range.toMs || !numbers.isIncluded(event.userId, userFilter)) continue;
        facts.push({ place: { group: seq, key }, event, contributions: contributionsOfEvent(event, numberOf) });
      }
      yield facts;
    }
  }
}

async function* ofChunks(store: EventStore, throughSeq: number, spend: (n: number) => void): AsyncGenerator<readonly Fact[]> {
  const folds = await store.readFoldTimes();
  let fold = 0;
  for (let afterSeq = 0; afterSeq < throughSeq; ) {
    const chunks = await store.readChunks(afterSeq, pageEvents);
    if (chunks.length === 0) return;
    for (const chunk of chunks) {
      if (chunk.seq > throughSeq) return;
      spend(1 + chunk.events.length);
      afterSeq = chunk.seq;
      while (fold < folds.length && (folds[fold]?.toSeq ?? 0) < chunk.seq) fold += 1;
      const contributions = contributionsOfChunk(chunk, folds[fold]?.foldedAtMs ?? chunk.receivedAtMs);
      yield contributions.map((one, key) => ({ place: { group: chunk.seq, key }, event: null, contributions: [one] }));
    }
  }
}

async function* ofEntities(
  store: EventStore,
  { kind, group, userFilter }: { readonly kind: EntityKind; readonly group: number; readonly userFilter: UserSet | null },
  numbers: UserNumbers,
  spend: (n: number) => void,
): AsyncGenerator<readonly Fact[]> {
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, pageEntities);
    const last = page.at(-1);
    if (last === undefined) return;
    afterKey = last.key;
    spend(page.length);
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

/** What an entity contributes is all of one user, or all of nobody. */
function ownerOf({ contributions: [first] }: Fact): string | null {
  return first?.userId ?? null;
}
