import { FunnelAccumulator, type FunnelQuery, type FunnelStep } from "@trinity/aggregation/funnel";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { scanEvents } from "../reads/scan-events.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

export type Funnel = ShownRange & { readonly steps: readonly FunnelStep[] };

/** How many people get from step to step, counted from the log. */
export const funnel: QuestionKind<FunnelQuery, FunnelQuery, FunnelAccumulator, Funnel> = {
  permission: "metrics:read",
  isHeavy: () => true,
  plan: ok,
  read: async (query, reader) => ({
    facts: await scanEvents(reader, new FunnelAccumulator(query, reader.moment.asOfMs)),
    source: "log",
  }),
  compute: (query, accumulator) => ok({ ...shownRange(query), steps: accumulator.steps() }),
  overflowCheck({ fromMs, toMs, windowMs, filters }, { nowMs }) {
    return {
      scope: { fromMs, toMs, timeZone: "UTC", filters },
      counts: [{ metric: "events" }],
      by: [],
      // Later steps may lie beyond the range.
      checkedRange: { fromMs, toMs: Math.max(toMs, Math.min(toMs + windowMs, nowMs + 1)) },
    };
  },
};
