import { tracked } from "@trpc/server";
import { z } from "zod";
import { apiError, invalidInput } from "./api-problem.ts";
import type { Context } from "./context.ts";
import { filterTexts, parseFilters } from "./filter-text.ts";
import { LiveEvents, logPositionText, parseLogPosition } from "./live-events.ts";
import { liveMetricsAnswer } from "./live-metrics.ts";
import { type OpenStream, StreamEnded } from "./live-streams.ts";
import { shownEvent } from "./shown-event.ts";
import { procedure, router } from "./trpc.ts";

const atMostEveryMs = 1_000;

export const liveRouter = router({
  metrics: procedure({
    permission: "live:read",
    rest: { method: "GET", path: "/live/metrics" },
    summary:
      "The numbers of today and of the last 60 minutes, whenever they change, at most once a second. The id of an event is the revision.",
    answer: liveMetricsAnswer,
  })
    .input(
      z
        .strictObject({
          lastEventId: z
            .string()
            .regex(/^\d{1,15}$/, "must be the id of an event of this stream: a revision")
            .optional(),
        })
        .optional(),
    )
    .subscription(({ ctx, input, signal }) => {
      const sent = input?.lastEventId === undefined ? -1 : Number(input.lastEventId);
      return numbersAfter(sent, ctx, openStream(ctx, signal));
    }),

  events: procedure({
    permission: "live:read",
    rest: { method: "GET", path: "/live/events" },
    summary:
      "Every event as it enters the log. The id of an event is its place there: a reader that names the last one it has misses none.",
    answer: shownEvent,
  })
    .input(
      z
        .strictObject({
          filter: filterTexts.default([]),
          lastEventId: z.string().regex(logPositionText, "must be the id of an event of this stream: <chunk>.<index>").optional(),
        })
        .prefault({}),
    )
    .subscription(async ({ ctx, input, signal }) => {
      const filters = parseFilters(input.filter);
      if (!filters.ok) throw apiError(invalidInput(filters.error).error);
      const after = input.lastEventId === undefined ? null : parseLogPosition(input.lastEventId);
      const headSeq = await ctx.progress.headSeq();
      if (after !== null && after.seq > headSeq) {
        throw apiError({ slug: "invalid-input", errors: [{ path: "lastEventId", message: "lies beyond the end of the log" }] });
      }
      const from = after ?? { seq: headSeq, index: Number.POSITIVE_INFINITY };
      return new LiveEvents({ after: from, filters: filters.value }, ctx, openStream(ctx, signal));
    }),
});

async function* numbersAfter(lastSent: number, ctx: Context, stream: OpenStream) {
  const watching = ctx.watch.open(stream.signal);
  try {
    for (let sent = lastSent; ; ) {
      const { revision } = await watching.changed();
      if (revision === sent) continue;
      await ctx.turns.next();
      const numbers = await ctx.liveMetrics.at(revision, ctx);
      sent = numbers.revision;
      yield tracked(String(sent), numbers);
      await ctx.sleep(atMostEveryMs, stream.signal);
    }
  } finally {
    watching.close();
    stream.close();
  }
}

/** @throws before anything is sent, so that the problem has its own status over REST */
function openStream(ctx: Context, signal: AbortSignal | undefined): OpenStream {
  const stream = ctx.streams.open(signal ?? new AbortController().signal, ctx.stillValid);
  if (stream === null)
    throw apiError({ slug: "too-many-requests", detail: "There are as many live streams as this process carries.", retryAfterS: 5 });
  if (stream.signal.aborted) throw new StreamEnded();
  return stream;
}
