import { bucketStart, tierMs } from "./bucket.ts";
import { type Cell, CellDeltas } from "./cell.ts";
import { contributionsOfChunk, contributionsOfEvent } from "./contributions.ts";
import {
  contributionsOfEntity,
  type EntityChange,
  EntityDraft,
  type EntityMaps,
  type EntityWrite,
  NamedEntities,
  usersOf,
} from "./entity.ts";
import type { LogChunk } from "./log-chunk.ts";
import { measures } from "./measure-catalogue.ts";

/** How far the log is folded. It is committed together with the fold, so that each event counts once, whenever a process dies. */
export type Watermark = {
  /** The last chunk folded; 0 before the first. */
  readonly seq: number;
  /** Rises with every commit: equal revisions give equal answers. */
  readonly revision: number;
  /** How many users have a number. */
  readonly users: number;
  /** Cells by the minute are kept from here on. */
  readonly minutesFromMs: number;
};

export const emptyWatermark: Watermark = { seq: 0, revision: 0, users: 0, minutesFromMs: 0 };

/** Says that a chunk has events of the user `key`. Erasure finds the events of a user by these rows. */
export type IndexRow = { readonly kind: "user"; readonly key: string; readonly seq: number };

/** All changes of one fold: committed together, and only while the watermark is still `from`. */
export type FoldStep = {
  readonly from: Watermark;
  readonly to: Watermark;
  readonly foldedAtMs: number;
  readonly entities: readonly EntityWrite[];
  /** Amounts to add to the cells as they are. */
  readonly cells: readonly Cell[];
  readonly index: readonly IndexRow[];
};

/** Minutes are kept for two days, and dropped a day at a time. */
const minutesKeptMs = 2 * tierMs.day;

/** The next chunks of the log, and the entities that their events name. */
export type FoldInput = { readonly chunks: readonly LogChunk[]; readonly named: NamedEntities };

export function foldInputOf(chunks: readonly LogChunk[]): FoldInput {
  return { chunks, named: new NamedEntities(chunks.flatMap(({ events }) => events)) };
}

/**
 * Folds the next chunks of the log into entities and cells.
 * @param input its chunks follow `watermark.seq` without a gap
 * @param before the entities that `input.named.reads()` asks for, where they exist
 * @throws {RangeError} when the chunks do not follow the watermark: an event would be lost or counted twice
 */
export function fold({ chunks, named }: FoldInput, before: EntityMaps, watermark: Watermark, foldedAtMs: number): FoldStep {
  const minutesFromMs = minutesFrom(watermark, foldedAtMs);
  const deltas = new CellDeltas(measures, minutesFromMs);
  const draft = new EntityDraft(named, before, watermark.users);
  const numberOf = (userId: string) => draft.numberOf(userId);
  const index: IndexRow[] = [];
  let seq = watermark.seq;
  let merged = 0;
  for (const chunk of chunks) {
    if (chunk.seq !== seq + 1) throw new RangeError(`chunk ${chunk.seq} does not follow ${seq}`);
    seq = chunk.seq;
    for (const contribution of contributionsOfChunk(chunk, foldedAtMs)) deltas.add(contribution, 1);
    for (const event of chunk.events) {
      draft.merge(merged++);
      for (const contribution of contributionsOfEvent(event, numberOf)) deltas.add(contribution, 1);
    }
    for (const key of usersOf(chunk.events)) index.push({ kind: "user", key, seq });
  }
  const entities = draft.changes();
  addEntityChanges(deltas, entities);
  const to: Watermark = { seq, revision: watermark.revision + 1, users: draft.users, minutesFromMs };
  return { from: watermark, to, foldedAtMs, entities, cells: deltas.cells(), index };
}

/** Adds what changed entities contribute now, less what they contributed before. */
export function addEntityChanges(deltas: CellDeltas, changes: readonly EntityChange[]): void {
  for (const change of changes) {
    for (const contribution of contributionsOfEntity(change, change.before)) deltas.add(contribution, -1);
    for (const contribution of contributionsOfEntity(change, change.value)) deltas.add(contribution, 1);
  }
}

function minutesFrom(watermark: Watermark, foldedAtMs: number): number {
  const wanted = bucketStart("day", foldedAtMs - minutesKeptMs);
  return Math.max(watermark.minutesFromMs, wanted);
}
