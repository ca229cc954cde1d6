import type { Tier } from "@trinity/aggregation/bucket";
import type { AmountCell, UserCell } from "@trinity/aggregation/cell";
import type { EntityMaps, EntityReads } from "@trinity/aggregation/entity";
import type { Entity, EntityKind } from "@trinity/aggregation/entity-kind";
import type { FoldStep, Watermark } from "@trinity/aggregation/fold";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import type { StoredEvent } from "@trinity/events/event";
import type { VerificationStore } from "./verification-store.ts";

/** Sixteen bytes that stand for an event id: equal ids have equal keys, for ever. */
export type EventKey = Uint8Array;

/** An event on its way into the log. */
export type NewEvent = { readonly key: EventKey; readonly event: StoredEvent };

/** An event that was refused before it came here; `key` is null when it had no usable id. */
export type Refusal = { readonly key: EventKey | null; readonly source: string; readonly code: string };

/** What one commit of the log takes: everything in it becomes durable, or nothing does. */
export type AppendBatch = {
  readonly receivedAtMs: number;
  readonly events: readonly NewEvent[];
  readonly refusals: readonly Refusal[];
};

/** `duplicate[i]` tells whether `events[i]` was already in the log, or stood earlier in the batch. */
export type AppendOutcome = { readonly duplicate: readonly boolean[] };

/**
 * Where an event is, since when by our clock, and for a refused one why: of several refusals the last.
 * An event that was refused before or after it was accepted is stored.
 */
export type EventStatus =
  | { readonly state: "stored"; readonly atMs: number }
  | { readonly state: "rejected"; readonly atMs: number; readonly reason: string }
  | { readonly state: "unknown" };

/** The cells of one dimension set and tier whose buckets start in `[fromMs, toMs)`, all values or only those named. */
export type CellRange = {
  readonly set: string;
  readonly tier: Tier;
  readonly fromMs: number;
  readonly toMs: number;
  readonly values?: readonly string[];
  /** Only components below are told; a cell that has none of them may be absent. */
  readonly componentsBelow?: number;
};

/**
 * Several ranges as they were at one moment: `cells[i]` answers `ranges[i]`, oldest first and then in order of value. A cell that was
 * never written, or has come to nothing, is absent.
 */
export type RollupSnapshot = {
  readonly watermark: Watermark;
  /**
   * The newest chunk of the log when the call began, or a newer one: when it is the mark's, the cells hold everything that was
   * acknowledged before the call.
   */
  readonly headSeq: number;
  readonly cells: readonly (readonly AmountCell[])[];
  /** `users[i]` answers `userRanges[i]`, in the same order: the components of each cell, as users. */
  readonly users: readonly (readonly UserCell[])[];
};

/** A stretch of the log: chunks after `afterSeq`, up to and with `throughSeq`, that may hold events in `[fromMs, toMs)`: all that do. */
export type ChunkRange = { readonly afterSeq: number; readonly throughSeq: number; readonly fromMs: number; readonly toMs: number };

export type FoldTime = { readonly toSeq: number; readonly foldedAtMs: number };

/**
 * The store of events and of what they add up to. A method is one atomic unit of work.
 * A method rejects with `StoreUnavailableError` when the store cannot do it now: the caller may try again; and with `DamagedStateError` when an
 * entity that it is asked for cannot be read.
 * Keys, names and values are well-formed Unicode, keys are not empty, and "in order" of one is by its UTF-8 bytes.
 */
export type EventStore = VerificationStore & {
  /**
   * Durable before it resolves; leaves out and names what it has seen before. One batch makes one chunk, also when nothing in it was new,
   * for its receipts; an empty batch makes none. After a rejection the same batch may be sent again: nothing of it counts twice.
   */
  append(batch: AppendBatch): Promise<AppendOutcome>;
  eventStatus(key: EventKey): Promise<EventStatus>;

  /** The number of the newest chunk; 0 while the log is empty. */
  headSeq(): Promise<number>;
  /** The next chunks in order: one if there is one, then no more than hold `eventsMax` events; each chunk counts as one at least. */
  readChunks(afterSeq: number, eventsMax: number): Promise<readonly LogChunk[]>;
  /** Like `readChunks`, within a range of event times. */
  readChunksInRange(range: ChunkRange, eventsMax: number): Promise<readonly LogChunk[]>;

  readWatermark(): Promise<Watermark>;
  /** The entities named by `reads` that exist. */
  readEntities(reads: EntityReads): Promise<EntityMaps>;
  /** Entities of a kind in order of key, after `afterKey` ("" for the first page); fewer than `limit` only at the end. */
  scanEntities(kind: EntityKind, afterKey: string, limit: number): Promise<readonly { readonly key: string; readonly value: Entity }[]>;
  /**
   * Entities, cells, index, the time of the fold and the mark: all or nothing, and only while the mark still stands at `step.from`.
   * A cell that comes to nothing is gone; cells by the minute before `step.to.minutesFromMs` are dropped. Buckets it changes are pending.
   */
  commitFold(step: FoldStep): Promise<"committed" | "superseded">;
  /**
   * When the stretches of the log that end after `afterSeq` were folded, oldest first: `toSeq` is the last chunk of each. A step that folds
   * no chunk leaves no time. From the beginning, and all, where nothing else is asked for.
   */
  readFoldTimes(afterSeq?: number, limit?: number): Promise<readonly FoldTime[]>;
  /** The chunks that hold events of an entity, oldest first, as far as the log is folded. */
  readChunksOf(kind: "user" | "session" | "room", key: string): Promise<readonly LogChunk[]>;

  /** @param userRanges cells that are read for who is in them, not for how often: less to carry */
  readRollups(ranges: readonly CellRange[], userRanges?: readonly CellRange[]): Promise<RollupSnapshot>;

  close(): Promise<void>;
};

/** Stored data is not as it was written, or files that belong together do not match. Trying again does not help. */
export class DamagedDataError extends Error {
  override readonly name: string = "DamagedDataError";
  /** What is damaged, where, and what to do: safe to show to anyone, so it holds no id, value or path. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** What the log adds up to is not as it was written. Verification sets it right; until then what needs it waits. */
export class DamagedStateError extends DamagedDataError {
  override readonly name = "DamagedStateError";
}

/**
 * The store cannot do this now; nothing was changed, or the same call can be made again safely. Its message says why, and is safe to show to anyone:
 * it holds no id, value or path.
 */
export class StoreUnavailableError extends Error {
  override readonly name: string = "StoreUnavailableError";
}

/** Another process has the right to do this work, and keeps it until it ends. */
export class StoreTakenError extends StoreUnavailableError {
  override readonly name = "StoreTakenError";
}
