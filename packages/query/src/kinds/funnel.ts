import { FunnelAccumulator, type FunnelQuery, type FunnelStep } from "@trinity/aggregation/funnel";
import { countFunnel } from "@trinity/columns/count-funnel";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { fromColumns } from "../reads/from-columns.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { scanEvents } from "../reads/scan-events.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

export type Funnel = ShownRange & { readonly steps: readonly FunnelStep[] };
type Facts = { steps(): readonly FunnelStep[] };

/** How many people get from step to step, counted from the log. */
export const funnel: QuestionKind<FunnelQuery, FunnelQuery, Facts, Funnel> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: ({ toMs, windowMs }) => minuteEnd(toMs + windowMs),
  plan: ok,
  async read(query, reader) {
    const { asOfMs, watermark } = reader.moment;
    const asked = { query, asOfMs, throughSeq: watermark.seq };
    const counted = await fromColumns(reader, (columns, signal) => countFunnel(columns, asked, signal));
    return { facts: counted ?? (await scanEvents(reader, new FunnelAccumulator(query, asOfMs))), source: "log" };
  },
  compute: (query, counted) => ok({ ...shownRange(query), steps: counted.steps() }),
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
