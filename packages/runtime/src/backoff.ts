import type { Random } from "./random.ts";

/** Exponential backoff: the longest wait doubles with every failure, from `baseMs` up to `capMs`. */
export type Backoff = {
  readonly baseMs: number;
  readonly capMs: number;
  /**
   * Keeps clients that failed together from coming back together: `full` waits any share of the longest wait, `equal` at least half of it
   * (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
   */
  readonly jitter: "full" | "equal";
};

/** @param failures how many attempts failed before this one, from 0 */
export function backoffMs({ baseMs, capMs, jitter }: Backoff, failures: number, random: Random): number {
  const longestMs = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
  return jitter === "full" ? random() * longestMs : longestMs / 2 + random() * (longestMs / 2);
}
