import type { EventKey } from "./event-store.ts";

/** What one step of a check of the log found. */
export type LogCheckPage = {
  /** The last chunk that was checked. */
  readonly throughSeq: number;
  readonly isLast: boolean;
  /** What cannot be mended, each with what to do: safe to show. */
  readonly damaged: readonly string[];
  /** Rows beside the chunks that were set to what the chunks say. */
  readonly mended: number;
  /**
   * At the end of the log: how what is kept beside the chunks does not add up, as a text; null where it does. Another one than at the end of
   * the last pass says that something before this page was damaged since it was checked.
   */
  readonly imbalance: string | null;
};

/**
 * Reads the next chunks after one, compares what is kept beside them with what they hold, and mends that.
 * @param isPass whether all chunks before were checked in the same pass: then, at the end, sums are believed and mended
 */
export type CheckLog = (afterSeq: number, isPass: boolean) => Promise<LogCheckPage>;

/** @returns the key of a stored event by its id; null where the id does not say it */
export type KeyOfStored = (eventId: string) => EventKey | null;

/** @returns what is said of events of a chunk that an earlier chunk holds, too */
export function duplicateEventsDamage(seq: number, events: number): string {
  return `${events} events of chunk ${seq} of the log are in an earlier chunk, too, and count twice; restore the log from a copy`;
}
