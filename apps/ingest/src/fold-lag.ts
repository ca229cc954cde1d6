import type { FoldReport } from "./fold-thread/messages.ts";

/** How long commits have waited to be folded, by what this process committed and what the fold reports. */
export type FoldLag = {
  /** This process committed something, and reports it to the fold next. */
  committed(atMs: number): void;
  reported(report: Pick<FoldReport & { readonly kind: "folded" }, "commitsSeen" | "waitingSinceMs">): void;
  /** The age of the oldest commit that may not be folded yet; 0 when there is none. */
  lagMs(nowMs: number): number;
};

/**
 * A report covers the commits that the fold was told of before it looked. Later ones wait since they were committed, whatever it says:
 * so the lag is never less than the age of a commit that waits, and is 0 once a report covers all commits and found nothing waiting.
 */
export function createFoldLag(): FoldLag {
  let commitsCovered = 0;
  /** When the commits after those that a report covered were made, oldest first. */
  const uncoveredAtMs: number[] = [];
  let waitingSinceMs: number | null = null;
  return {
    committed(atMs) {
      uncoveredAtMs.push(atMs);
    },
    reported(report) {
      uncoveredAtMs.splice(0, report.commitsSeen - commitsCovered);
      commitsCovered = report.commitsSeen;
      waitingSinceMs = report.waitingSinceMs;
    },
    lagMs(nowMs) {
      const sinceMs = Math.min(waitingSinceMs ?? Number.POSITIVE_INFINITY, uncoveredAtMs[0] ?? Number.POSITIVE_INFINITY);
      return Math.max(0, nowMs - sinceMs);
    },
  };
}
