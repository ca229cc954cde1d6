import type { Contribution } from "@trinity/aggregation/contribution";
import { contributionsOfChunk, contributionsOfEvent } from "@trinity/aggregation/contributions";
import { contributionsOfEntity } from "@trinity/aggregation/entity";
import type { EntityKind } from "@trinity/aggregation/entity-kind";
import type { MeasureOrigin } from "@trinity/aggregation/measure";
import type { EventStore } from "./event-store.ts";

const pageEvents = 20_000;
const pageEntities = 5_000;

/** A question needs more of the log than one answer may read. */
export class ScanLimitError extends Error {
  override readonly name = "ScanLimitError";
}

/**
 * Everything that contributes to measures of an origin, read from the log and the entities instead of the cells.
 * @param range events that happened in `[fromMs, toMs)`, in chunks up to `throughSeq`; entities and chunks are read whole
 * @param scanMax how many events or entities may be read before the scan gives up
 * @throws {ScanLimitError}
 */
export async function* readContributions(
  store: EventStore,
  origin: MeasureOrigin,
  range: { readonly fromMs: number; readonly toMs: number; readonly throughSeq: number },
  scanMax: number,
): AsyncGenerator<Contribution> {
  let left = scanMax;
  const spend = (n: number) => {
    left -= n;
    if (left < 0) throw new ScanLimitError(`more than ${scanMax} rows would have to be read`);
  };
  if (origin === "events") yield* ofEvents(store, range, spend);
  else if (origin === "chunks") yield* ofChunks(store, range.throughSeq, spend);
  else for (const kind of origin) yield* ofEntities(store, kind, spend);
}

async function* ofEvents(
  store: EventStore,
  range: { readonly fromMs: number; readonly toMs: number; readonly throughSeq: number },
  spend: (n: number) => void,
): AsyncGenerator<Contribution> {
  // Any numbering tells users apart as long as it is the same throughout.
  const numbers = new Map<string, number>();
  const numberOf = (userId: string) => numbers.get(userId) ?? (numbers.set(userId, numbers.size), numbers.size - 1);
  for (let afterSeq = 0; ; ) {
    const chunks = await store.readChunksInRange({ ...range, afterSeq }, pageEvents);
    if (chunks.length === 0) return;
    for (const { seq, events } of chunks) {
      spend(events.length);
      afterSeq = seq;
      for (const event of events) yield* contributionsOfEvent(event, numberOf);
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

async function* ofEntities(store: EventStore, kind: EntityKind, spend: (n: number) => void): AsyncGenerator<Contribution> {
  for (let afterKey = ""; ; ) {
    const page = await store.scanEntities(kind, afterKey, pageEntities);
    if (page.length === 0) return;
    spend(page.length);
    for (const { key, value } of page) {
      afterKey = key;
      yield* contributionsOfEntity(kind, value);
    }
  }
}
