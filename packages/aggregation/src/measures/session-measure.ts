import { defineMeasure } from "../measure.ts";
import { contextSets } from "./context-sets.ts";

/** Sessions by their start. */
export const sessionComponent = { sessions: 0, bounces: 1, events: 2, durationSumMs: 3, durationBin0: 16 } as const;
export const sessionMeasure = defineMeasure("session", ["session", "inferredSession"], contextSets, { perUser: true });

/**
 * How many more sessions are open from a minute on than before it: one component a minute of the UTC day. What is open in a minute is
 * the sum of all changes up to it.
 */
export const sessionFlowMeasure = defineMeasure("session_flow", ["session", "inferredSession"], contextSets, {
  perUser: true,
  signed: true,
  tiers: () => ["day"],
});

/** How many more sessions are open after a day than before it: only those that are open at a midnight count. */
export const sessionBalanceMeasure = defineMeasure("session_balance", ["session", "inferredSession"], contextSets, {
  perUser: true,
  signed: true,
  tiers: () => ["day"],
});
