import type { StoreConfig } from "@trinity/config/store-config";

export type FoldThreadSettings = {
  readonly store: StoreConfig;
  /** Between two folds, so that under load each has much to share its commit with. */
  readonly restMs: number;
  /** Without news, how long until the next look. */
  readonly idleMs: number;
};

/** To the thread: `more` has been committed, or `stop` once everything is folded. */
export type FoldCommand = "more" | "stop";

/**
 * From the thread: `damage`, why it cannot fold or what it folds cannot be asked for, or null once that is over; how far the fold is, this one's or that of the process whose turn it is; or everything is folded and it ends.
 * `waitingSinceMs` is when the oldest events that are not folded yet were received; null when there were none.
 */
export type FoldReport =
  | { readonly kind: "folded"; readonly seq: number; readonly atMs: number; readonly waitingSinceMs: number | null }
  | { readonly kind: "damage"; readonly reason: string | null }
  | { readonly kind: "stopped" };
