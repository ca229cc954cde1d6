/** Counts refused credentials by peer address, so that a flood of them is answered 429 instead of 401. */
export type WrongKeyLimit = {
  /**
   * Call after a key was refused. A right key is never held back: others may share the address,
   * and 160 random bits need no slowing down.
   * @returns seconds until the window ends when the address is over its limit, else `null`
   */
  refused(address: string, nowMs: number): number | null;
};

export type WrongKeyLimitSettings = {
  readonly refusalsMax: number;
  readonly windowMs: number;
  /** Addresses counted apart; all further ones of the window share one count. */
  readonly addressesMax: number;
};

const defaults: WrongKeyLimitSettings = { refusalsMax: 300, windowMs: 60_000, addressesMax: 10_000 };
const everyoneElse = "other";

export function createWrongKeyLimit(settings: Partial<WrongKeyLimitSettings> = {}): WrongKeyLimit {
  const { refusalsMax, windowMs, addressesMax } = { ...defaults, ...settings };
  const refusals = new Map<string, number>();
  let windowEndMs = Number.NEGATIVE_INFINITY;

  return {
    refused(address, nowMs) {
      // Also when the clock was set back: a window never lasts longer than its length.
      if (nowMs >= windowEndMs || nowMs < windowEndMs - windowMs) {
        refusals.clear();
        windowEndMs = nowMs + windowMs;
      }
      const key = refusals.has(address) || refusals.size < addressesMax ? address : everyoneElse;
      const count = (refusals.get(key) ?? 0) + 1;
      refusals.set(key, count);
      return count > refusalsMax ? Math.max(1, Math.ceil((windowEndMs - nowMs) / 1000)) : null;
    },
  };
}
