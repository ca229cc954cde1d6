import type { EventStore } from "./event-store.ts";

/** A derived state that is folded from the log on its own, to compare the store's with. */
export type DerivedState = Pick<EventStore, "readWatermark" | "readEntities" | "commitFold" | "scanState" | "close">;

/** Where a new shadow state begins: empty, or at the snapshot when the log no longer has its first chunk. */
export type ShadowStart = "empty" | "snapshot";

/** The log cannot be replayed up to the store's watermark. A retry does not help. */
export class UnderivableError extends Error {
  override readonly name = "UnderivableError";
}

/** The shadow states of a store. They outlive a process: each goes on from where it stopped. */
export type ShadowState = {
  /**
   * The shadow state that follows the store from cycle to cycle.
   * @throws {UnderivableError} when the snapshot that it begins at is missing or damaged
   */
  incremental(start: ShadowStart): Promise<DerivedState>;
  /** A second copy, folded from the beginning, so that damage in the incremental one cannot affect it. */
  rebuild(start: ShadowStart): Promise<DerivedState>;
  /** Whether a rebuild was begun and has not replaced the incremental shadow state yet. */
  hasRebuild(): Promise<boolean>;
  /** The rebuild becomes the incremental shadow state. */
  replaceIncremental(): Promise<void>;
  discardRebuild(): Promise<void>;
  /** Copies the incremental shadow state. Chunks up to its watermark may be dropped after that. */
  saveSnapshot(): Promise<void>;
};
