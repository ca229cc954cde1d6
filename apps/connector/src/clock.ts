export type Clock = { nowMs(): number };

/** Resolves after so long; rejects as soon as the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** A number in [0, 1). */
export type Chance = () => number;
