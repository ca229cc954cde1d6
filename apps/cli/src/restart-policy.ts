import { type Backoff, backoffMs } from "@trinity/runtime/backoff";

/** When a process that ended is started again: a pure decision, without a clock. */

/** How a process ended: by itself with a code, or by a signal. */
export type ProcessEnd = {
  readonly code: number | null;
  readonly signal: string | null;
  /** How long it had been ready; `null` if it never was. */
  readonly readyForMs: number | null;
};

/** The state of a process between its ends. */
export type RestartHistory = {
  /** Ends in a row, none of them after a stable time. */
  readonly failures: number;
  /** Whether it was ever ready: then it is started again for ever. */
  readonly wasReady: boolean;
};

export type RestartDecision =
  | { readonly kind: "restart"; readonly afterMs: number; readonly history: RestartHistory }
  /** `code` is what the whole product ends with. */
  | { readonly kind: "give up"; readonly code: number; readonly why: "configuration" | "never ready" };

export const newHistory: RestartHistory = { failures: 0, wasReady: false };

/** A process that was ready for so long starts anew with the shortest wait. */
export const stableAfterMs = 60_000;
export const backoffMinMs = 250;
export const backoffMaxMs = 30_000;
/** Processes that ended together do not start together. */
const backoff: Backoff = { baseMs: backoffMinMs, capMs: backoffMaxMs, jitter: "equal" };
/** Together the waits are long enough for a process of an earlier start to end and free its port. */
export const startsMaxBeforeReady = 6;
/** Our processes end with this code when a variable is wrong: a restart would not help. */
export const configurationCode = 2;

/** @param random in [0, 1) */
export function decideRestart(was: RestartHistory, end: ProcessEnd, random: number): RestartDecision {
  if (end.code === configurationCode) return { kind: "give up", code: configurationCode, why: "configuration" };
  const isStable = (end.readyForMs ?? 0) >= stableAfterMs;
  const failures = isStable ? 1 : was.failures + 1;
  const wasReady = was.wasReady || end.readyForMs !== null;
  if (!wasReady && failures >= startsMaxBeforeReady) return { kind: "give up", code: end.code || 1, why: "never ready" };
  return { kind: "restart", afterMs: backoffMs(backoff, failures - 1, () => random), history: { failures, wasReady } };
}
