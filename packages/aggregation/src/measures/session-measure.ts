import { defineMeasure } from "../measure.ts";
import { contextSets } from "./context-sets.ts";

/** Sessions by their start. */
export const sessionComponent = { sessions: 0, bounces: 1, events: 2, durationSumMs: 3, durationBin0: 16 } as const;
export const sessionMeasure = defineMeasure("session", ["session", "inferredSession"], contextSets, { perUser: true });

/**
 * By how much the number of open sessions changes at a minute: one component for each minute of the UTC day. The sum of all changes up to a
 * minute is the number of sessions that are open in it.
 */
export const sessionFlowMeasure = defineMeasure("session_flow", ["session", "inferredSession"], contextSets, {
  perUser: true,
  signed: true,
  tiers: () => ["day"],
});

/** By how much the number of open sessions changes from the start of a day to its end. Sessions that open and close on the same day add nothing. */
export const sessionBalanceMeasure = defineMeasure("session_balance", ["session", "inferredSession"], contextSets, {
  perUser: true,
  signed: true,
  tiers: () => ["day"],
});
