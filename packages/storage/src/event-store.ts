import type { Tier } from "@trinity/aggregation/bucket";
import type { AmountCell, UserCell } from "@trinity/aggregation/cell";
import type { EntityMaps, EntityReads } from "@trinity/aggregation/entity";
import type { Entity, EntityKind, PartKind, PartMap } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { StoredEvent } from "@trinity/events/event";
import type { VerificationStore } from "./verification-store.ts";

/** Sixteen bytes that stand for an event id: equal ids have equal keys, for ever. */
export type EventKey = Uint8Array;

/** An event on its way into the log. */
export type NewEvent = { readonly key: EventKey; readonly event: StoredEvent };

/** An event that was rejected before it reached the store; `key` is null when it had no usable id. */
export type Rejection = { readonly key: EventKey | null; readonly source: string; readonly code: string };

/** One commit of the log, all or nothing. */
export type AppendBatch = {
  readonly receivedAtMs: number;
  readonly events: readonly NewEvent[];
  readonly rejections: readonly Rejection[];
};

/** `duplicate[i]`: whether `events[i]` was already in the log, or came earlier in the batch. */
export type AppendOutcome = { readonly duplicate: readonly boolean[] };

/**
 * Whether an event is stored, since when by our clock, and for a rejected one the last reason.
 * An event that was both rejected and accepted is stored.
 */
export type EventStatus =
  | { readonly state: "stored"; readonly atMs: number }
  | { readonly state: "rejected"; readonly atMs: number; readonly reason: string }
  | { readonly state: "unknown" };

/** The cells of one dimension set and tier whose buckets start in `[fromMs, toMs)`: all values, or only `values`. */
export type CellRange = {
  readonly set: string;
  readonly tier: Tier;
  readonly fromMs: number;
  readonly toMs: number;
  readonly values?: readonly string[];
  /** Only components below this are returned; a cell that has none of them may be absent. */
  readonly componentsBelow?: number;
  /** All cells of a value are only added up: a store may return them as one, in the bucket of the first. */
  readonly isAddedUp?: boolean;
};

/**
 * Several ranges, read at one moment: `cells[i]` answers `ranges[i]`, oldest first and then in order of value.
 * A cell that was never written, or whose sums are zero, is absent.
 */
export type RollupSnapshot = {
  readonly watermark: Watermark;
  /**
   * The newest chunk of the log when the call began, or a newer one. If it equals the watermark's, the cells contain everything that
   * was acknowledged before the call.
   */
  readonly headSeq: number;
  readonly cells: readonly (readonly AmountCell[])[];
  /** `users[i]` answers `userRanges[i]`, in the same order: each cell's components as user ids. */
  readonly users: readonly (readonly UserCell[])[];
};

/** Chunks after `afterSeq` through `throughSeq` that may have events in any of the ranges; none that has any is left out. */
export type ChunkRanges = {
  readonly afterSeq: number;
  readonly throughSeq: number;
  /** Ascending, disjoint, none empty. */
  readonly ranges: readonly TimeRange[];
};

export type FoldTime = { readonly toSeq: number; readonly foldedAtMs: number };

/**
 * The log and the derived state. A method is one atomic unit of work.
 * A method rejects with `StoreUnavailableError` when the caller may try again, and with `DamagedStateError` when an entity cannot be read.
 * Keys, names and values are well-formed Unicode, keys are not empty, and order is by UTF-8 bytes.
 */
export type EventStore = VerificationStore & {
  /**
   * Durable before it resolves. Events that are already in the log are left out and reported.
   * One batch makes one chunk, for its counts even if no event is new; an empty batch makes none.
   * After a failure the same batch can be sent again: nothing counts twice.
   */
  append(batch: AppendBatch): Promise<AppendOutcome>;
  eventStatus(key: EventKey): Promise<EventStatus>;

  /** The number of the newest chunk; 0 while the log is empty. */
  headSeq(): Promise<number>;
  /** The next chunks in order, up to `eventsMax` events but at least one chunk; a chunk counts as one event at least. */
  readChunks(afterSeq: number, eventsMax: number): Promise<readonly LogChunk[]>;
  /** Like `readChunks`, within ranges of event times: each chunk once. The index is read for the days of the ranges, not for those between. */
  readChunksInRanges(ranges: ChunkRanges, eventsMax: number): Promise<readonly LogChunk[]>;

  readWatermark(): Promise<Watermark>;
  /** The entities named by `reads` that exist. */
  readEntities(reads: EntityReads): Promise<EntityMaps>;
  /**
   * The parts of a kind of several entities, read at one moment: `parts[i]` is of `entityKeys[i]`, in order of key, and empty if it has none.
   * All of them are in memory at once, and a store may do nothing else meanwhile: name some hundred entities, not thousands.
   */
  readParts<Kind extends PartKind>(kind: Kind, entityKeys: readonly string[]): Promise<readonly PartMap<Kind>[]>;
  /** Entities of a kind in order of key, after `afterKey` ("" for the first page). Fewer than `limit` means the last page. */
  scanEntities(kind: EntityKind, afterKey: string, limit: number): Promise<readonly { readonly key: string; readonly value: Entity }[]>;
  /**
   * Commits entities, cells, index rows, the fold time and the watermark: all or nothing, and only if the watermark equals `step.from`.
   * A cell whose sums become zero is removed, and so are minute cells before `step.to.minutesFromMs`. Changed buckets become pending.
   */
  commitFold(step: FoldStep): Promise<"committed" | "superseded">;
  /**
   * When each fold that ended after `afterSeq` was made, oldest first; `toSeq` is its last chunk. A step that folds no chunk leaves no
   * time. Without arguments: all of them.
   */
  readFoldTimes(afterSeq?: number, limit?: number): Promise<readonly FoldTime[]>;
  /** The folded chunks that have events of a user, oldest first. */
  readChunksOfUser(userId: string): Promise<readonly LogChunk[]>;

  /** @param userRanges cells whose users are returned instead of their sums, which is less data */
  readRollups(ranges: readonly CellRange[], userRanges?: readonly CellRange[]): Promise<RollupSnapshot>;

  close(): Promise<void>;
};

/** Stored data is not as it was written, or files that belong together do not match. A retry does not help. */
export class DamagedDataError extends Error {
  override readonly name: string = "DamagedDataError";
  /** What is damaged, where, and what to do. Safe to show to anyone: no id, value or path. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** The derived state is not as it was written. Verification repairs it; until then its readers must wait. */
export class DamagedStateError extends DamagedDataError {
  override readonly name = "DamagedStateError";
}

/**
 * The store cannot do this now, and the same call can safely be made again. The message says why and is safe to show to anyone: no id,
 * value or path.
 */
export class StoreUnavailableError extends Error {
  override readonly name: string = "StoreUnavailableError";
}

/** Another process has the lock or lease for this work and keeps it until it ends. */
export class StoreTakenError extends StoreUnavailableError {
  override readonly name = "StoreTakenError";
}
