import type { StoreConfig } from "@trinity/config/store-config";

export type FoldThreadSettings = {
  readonly store: StoreConfig;
  /** As in `FollowSettings`. */
  readonly restMs: number;
  /** Without news, how long until the next look. */
  readonly idleMs: number;
};

/** To the thread: `more` has been committed, or `stop` once everything is folded. */
export type FoldCommand = "more" | "stop";

/** A fold takes whole commits: one should have no more than is folded within so long. */
export const commitFoldMs = 250;

/**
 * From the thread: how far the fold is, this one's or that of the process whose turn it is; `damage`, the reason why it cannot fold or why
 * what it folded cannot be asked for, null once that is over; or everything is folded and it ends.
 * `commitsSeen` is how many `more` the thread had got before it looked: the report covers their commits.
 * `waitingSinceMs` is when the oldest events that are not folded yet were received; null when there were none.
 * `waitingWork` is how much of it waited still after the last fold, and `commitWork` how much a commit may have to be folded soon; both in the unit of `FoldWork`.
 * `foldedForMs` is how long this thread has folded, since it began.
 */
export type FoldReport =
  | {
      readonly kind: "folded";
      readonly seq: number;
      readonly commitsSeen: number;
      readonly waitingSinceMs: number | null;
      readonly waitingWork: number;
      readonly commitWork: number;
      readonly foldedForMs: number;
    }
  | { readonly kind: "damage"; readonly reason: string | null }
  | { readonly kind: "stopped" };
