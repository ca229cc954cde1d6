/** Counts wrong credentials by peer address, so that a flood of them is answered 429 instead of 401. */
export type WrongKeyLimit = {
  /**
   * Call after a wrong key. A right key is never limited: others may share the address,
   * and 160 random bits need no slowing down.
   * @returns seconds until the window ends when the address is over its limit, else `null`
   */
  countWrong(address: string, nowMs: number): number | null;
};

export type WrongKeyLimitSettings = {
  readonly wrongMax: number;
  readonly windowMs: number;
  /** How many addresses have a count of their own; all others of the window share one. */
  readonly addressesMax: number;
};

const defaults: WrongKeyLimitSettings = { wrongMax: 300, windowMs: 60_000, addressesMax: 10_000 };
const everyoneElse = "other";

export function createWrongKeyLimit(settings: Partial<WrongKeyLimitSettings> = {}): WrongKeyLimit {
  const { wrongMax, windowMs, addressesMax } = { ...defaults, ...settings };
  const wrong = new Map<string, number>();
  let windowEndMs = Number.NEGATIVE_INFINITY;

  return {
    countWrong(address, nowMs) {
      // Also when the clock was set back: a window never lasts longer than its length.
      if (nowMs >= windowEndMs || nowMs < windowEndMs - windowMs) {
        wrong.clear();
        windowEndMs = nowMs + windowMs;
      }
      const key = wrong.has(address) || wrong.size < addressesMax ? address : everyoneElse;
      const count = (wrong.get(key) ?? 0) + 1;
      wrong.set(key, count);
      return count > wrongMax ? Math.max(1, Math.ceil((windowEndMs - nowMs) / 1000)) : null;
    },
  };
}
