import type { EventKey } from "./event-store.ts";

/** What one step of a check of the log found. */
export type LogCheckPage = {
  /** The last chunk that was checked. */
  readonly throughSeq: number;
  readonly isLast: boolean;
  /** What cannot be mended, each with what to do; safe to show. */
  readonly damaged: readonly string[];
  /** How many index rows were corrected from the chunks. */
  readonly mended: number;
  /**
   * At the end of the log: how the totals of the index rows differ from the chunks, as a text; null if they agree. A text other than at
   * the end of the last pass means that something before this page was damaged since.
   */
  readonly imbalance: string | null;
};

/**
 * Reads the next chunks after `afterSeq`, compares the index rows with them, and corrects the rows.
 * @param isPass whether all chunks before were checked in the same pass: only then can totals be corrected at the end
 */
export type CheckLog = (afterSeq: number, isPass: boolean) => Promise<LogCheckPage>;

/** @returns the key of a stored event by its id; null when it cannot be derived from the id */
export type KeyOfStored = (eventId: string) => EventKey | null;

/** @returns the damage text for events that an earlier chunk has too */
export function duplicateEventsDamage(seq: number, events: number): string {
  return `${events} events of chunk ${seq} of the log are in an earlier chunk, too, and count twice; restore the log from a copy`;
}
