import type { FoldReport } from "./fold-thread/messages.ts";

/** How long commits have waited to be folded and how much they are, by what this process committed and what the fold reports. */
export type FoldLag = {
  /** This process committed something, and reports it to the fold next. @param work as in `FoldWork` */
  committed(atMs: number, work: number): void;
  reported(report: Pick<FoldReport & { readonly kind: "folded" }, "commitsSeen" | "waitingSinceMs" | "waitingWork">): void;
  /** The work of the commits that may not be folded yet. */
  waitingWork(): number;
  /** The age of the oldest commit that may not be folded yet; 0 when there is none. */
  lagMs(nowMs: number): number;
};

/**
 * A report covers the commits that the fold was told of before it looked. Later ones wait since they were committed, whatever it says:
 * so the lag is never less than the age of a commit that waits, and is 0 once a report covers all commits and found nothing waiting.
 */
export function createFoldLag(): FoldLag {
  let commitsCovered = 0;
  /** The commits after those that a report covered, oldest first. */
  const uncovered: { readonly atMs: number; readonly work: number }[] = [];
  let waitingSinceMs: number | null = null;
  let coveredWork = 0;
  return {
    committed(atMs, work) {
      uncovered.push({ atMs, work });
    },
    reported(report) {
      uncovered.splice(0, report.commitsSeen - commitsCovered);
      commitsCovered = report.commitsSeen;
      waitingSinceMs = report.waitingSinceMs;
      coveredWork = report.waitingWork;
    },
    waitingWork: () => uncovered.reduce((sum, { work }) => sum + work, coveredWork),
    lagMs(nowMs) {
      const sinceMs = Math.min(waitingSinceMs ?? Number.POSITIVE_INFINITY, uncovered[0]?.atMs ?? Number.POSITIVE_INFINITY);
      return Math.max(0, nowMs - sinceMs);
    },
  };
}
