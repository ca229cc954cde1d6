/** The sum of what was added within a window of time up to now, from two counters: exact at the start of a window, else as if all of the one before came evenly. */
export type RecentSum = {
  add(amount: number, nowMs: number): void;
  over(nowMs: number): number;
};

export function createRecentSum(windowMs: number): RecentSum {
  let startMs = Number.NEGATIVE_INFINITY;
  let current = 0;
  let before = 0;

  function moveTo(nowMs: number): void {
    const windows = Math.floor((nowMs - startMs) / windowMs);
    if (windows <= 0) return;
    before = windows === 1 ? current : 0;
    current = 0;
    startMs = windows === 1 ? startMs + windowMs : nowMs;
  }

  return {
    add(amount, nowMs) {
      moveTo(nowMs);
      current += amount;
    },
    over(nowMs) {
      moveTo(nowMs);
      return current + before * (1 - (nowMs - startMs) / windowMs);
    },
  };
}
