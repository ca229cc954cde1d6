import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import type { MeasureOrigin } from "@trinity/aggregation/measure";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { EventStore } from "./event-store.ts";
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
  readonly among: UserSet | null;
};

/**
 * Everything that contributes to measures of an origin, read from the log and the entities instead of the cells.
 * @param scanMax how many events or entities may be read before the scan gives up
 * @throws {ScanLimitError}
 */
export async function* readContributions(
  store: EventStore,
  origin: MeasureOrigin,
  range: ContributionRange,
  scanMax: number,
): AsyncGenerator<Contribution> {
  let left = scanMax;
  const spend = (n: number) => {
    left -= n;
    if (left < 0) throw new ScanLimitError(`more than ${scanMax} rows would have to be read`);
  };
  const numbers = new UserNumbers(store);
  if (origin === "events") yield* ofEvents(store, range, numbers, spend);
  else if (origin === "chunks") yield* ofChunks(store, range.throughSeq, spend);
  else for (const kind of origin) yield* ofEntities(store, kind, range.among, numbers, spend);
}

async function* ofEvents(
  store: EventStore,
  { among, ...range }: ContributionRange,
  numbers: UserNumbers,
  spend: (n: number) => void,
): AsyncGenerator<Contribution> {
  for (let afterSeq = 0; ; ) {
    const chunks = await store.readChunksInRange({ ...range, afterSeq }, pageEvents);
    if (chunks.length === 0) return;
    await numbers.learn(chunks.flatMap(({ events }) => events.map(({ userId }) => userId)));
    for (const { seq, events } of chunks) {
      spend(events.length);
      afterSeq = seq;
      for (const event of events) {
        if (numbers.isAmong(event.userId, among)) yield* contributionsOfEvent(event, (userId) => numbers.of(userId));
      }
    }
  }
}

async function* ofChunks(store: EventStore, throughSeq: number, spend: (n: number) => void): AsyncGenerator<Contribution> {
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
      yield* contributionsOfChunk(chunk, folds[fold]?.foldedAtMs ?? chunk.receivedAtMs);
    }
  }
}

async function* ofEntities(
  store: EventStore,
  kind: EntityKind,
  among: UserSet | null,
  numbers: UserNumbers,
  spend: (n: number) => void,
): AsyncGenerator<Contribution> {
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, pageEntities);
    const last = page.at(-1);
    if (last === undefined) return;
    afterKey = last.key;
    spend(page.length);
    const contributions = page.flatMap(({ key, value }) => contributionsOfEntity({ kind, key }, value));
    if (among !== null) await numbers.learn(contributions.map(({ userId }) => userId ?? null));
    for (const contribution of contributions) if (numbers.isAmong(contribution.userId ?? null, among)) yield contribution;
  }
}
