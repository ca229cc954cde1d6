import type { EventStore } from "./event-store.ts";

/** A derived state that is folded from the log on its own, to compare the store's with. */
export type DerivedState = Pick<EventStore, "readWatermark" | "readEntities" | "commitFold" | "scanState" | "close">;

/** Where a derivation begins that is not there yet: before the first chunk, or at the base, where the log no longer begins at its first. */
export type ShadowStart = "empty" | "snapshot";

/** The log cannot be derived up to where the store stands: trying again does not help. */
export class UnderivableError extends Error {
  override readonly name = "UnderivableError";
}

/** Second derivations that outlive a process: each goes on from where it was left. */
export type ShadowState = {
  /**
   * The one that follows the store from cycle to cycle.
   * @throws {UnderivableError} when it begins at a base that is not there, or is not as it was made
   */
  incremental(start: ShadowStart): Promise<DerivedState>;
  /** Another one, for an opinion that no damage to the kept one can have touched. */
  rebuild(start: ShadowStart): Promise<DerivedState>;
  /** Whether a fresh one was begun and not promoted. */
  hasRebuild(): Promise<boolean>;
  /** The fresh one takes the place of the kept one. */
  replaceIncremental(): Promise<void>;
  discardRebuild(): Promise<void>;
  /** Copies the kept one as it stands: from there on the log may be without what came before. */
  saveSnapshot(): Promise<void>;
};
