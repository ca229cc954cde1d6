import { clockDimensions } from "@trinity/aggregation/dimension";
import { dimensionsOfMetric, type Metric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import type { Filter } from "@trinity/aggregation/metric-query";
import { exploreEvents } from "@trinity/storage/explore-events";
import { z } from "zod";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { instantText, noSuchMetric, parseRange, timeZoneText } from "./metric-question.ts";
import { type Refusal, refused } from "./refusal.ts";
import { showEvent, shownEvent } from "./shown-event.ts";
import { procedure, router } from "./trpc.ts";

const exploration = z.strictObject({
  metric: z.string().min(1).max(64).describe("The metric whose events are asked for: one that is counted from single events."),
  from: instantText,
  to: instantText,
  filter: filterTexts.default([]),
  tz: timeZoneText.default("UTC").describe("IANA time zone of dates in `from` and `to`."),
  limit: z.int().min(1).max(1_000).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.\d{1,9}$/)
    .optional()
    .describe("`nextCursor` of the page before."),
});

export const exploreRouter = router({
  events: procedure({
    permission: "events:read",
    rest: { method: "GET", path: "/explore/events" },
    summary: "Lists the events behind a number, in the order of the log.",
    answer: z.strictObject({ events: z.array(shownEvent), nextCursor: z.string().nullable(), total: z.int() }),
  })
    .input(exploration)
    .query(async ({ ctx, input }) => {
      const metric = findMetric(input.metric);
      if (metric === undefined) throw refused(noSuchMetric);
      const range = parseRange(input);
      if ("slug" in range) throw refused(range);
      const filters = parseFilters(input.filter);
      if ("message" in filters) throw refused({ slug: "invalid-input", errors: [filters] });
      const refusal = refusalOfExploring(metric, filters);
      if (refusal !== null) throw refused(refusal);
      const { limit, cursor = null } = input;
      const { events, nextCursor, total } = await exploreEvents(ctx.store, { metric, ...range, filters, limit, cursor });
      return { events: events.map(({ event }) => showEvent(event)), nextCursor, total };
    }),
});

function refusalOfExploring(metric: Metric, filters: readonly Filter[]): Refusal | null {
  if (metric.measure.origin !== "events") {
    return { slug: "unprocessable", detail: `${metric.name} is not counted from single events, so there are none to list behind it.` };
  }
  const known = dimensionsOfMetric(metric).filter((name) => !clockDimensions.has(name));
  const strange = filters.find(({ dimension }) => !known.includes(dimension));
  if (strange === undefined) return null;
  return {
    slug: "invalid-input",
    errors: [{ path: "filter", message: `events of ${metric.name} cannot be filtered by ${strange.dimension}` }],
  };
}
