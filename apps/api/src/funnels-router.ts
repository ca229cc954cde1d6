import { tierMs } from "@trinity/aggregation/bucket";
import { type FunnelQuery, funnelHolds } from "@trinity/aggregation/funnel";
import { funnelOrders } from "@trinity/aggregation/funnel-attempt";
import { ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ApiProblem, invalidInput, parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { parseContextFilters } from "./context-filters.ts";
import { proportion } from "./counted.ts";
import { filterTexts } from "./filter-text.ts";
import { answerNotes } from "./metric-answer.ts";
import { instantText, parseRange, timeZoneRule, timeZoneText } from "./metric-question.ts";
import { noPersonEventType, parsePersonEventType } from "./person-event-type.ts";
import { question } from "./question.ts";
import { router } from "./trpc.ts";

const funnelQuestion = z.strictObject({
  steps: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(10)
    .default(["user_login", "join_room", "vote_content", "view_match"])
    .describe("Event types, from the first step to the last. The same one twice takes two events."),
  windowMs: z
    .int()
    .min(1)
    .max(366 * tierMs.day)
    .default(7 * tierMs.day)
    .describe("The longest time from the first event of an attempt to any other."),
  order: z
    .enum(funnelOrders)
    .default("ordered")
    .describe("`ordered`: others may lie between the steps; `strict`: none may; `unordered`: the steps may come in any order."),
  hold: z.enum(funnelHolds).optional().describe("All events of an attempt are in the same room, or about the same title."),
  from: instantText.describe("Attempts begin from here on: an RFC 3339 instant, or a date, which means its first instant in `tz`."),
  to: instantText.describe("First instant at which no attempt begins any more; later steps may lie beyond it."),
  filter: filterTexts.default([]),
  tz: timeZoneText.default("UTC").describe(`Time zone of dates in \`from\` and \`to\`. ${timeZoneRule}`),
});

const ms = z.int().nullable();
const funnelAnswer = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  steps: z.array(
    z.strictObject({
      name: z.string().describe("The event type, under its own name where an alias was asked for."),
      users: z.int().describe("Whose attempt reaches the step; `unordered`: who did so many of the steps, whichever."),
      fromFirst: proportion.describe("Of those who began."),
      fromPrevious: proportion.nullable().describe("Of those who reached the step before; `null` at the first step."),
      p25Ms: ms,
      medianMs: ms.describe("Time from the step before, by nearest rank; `null` at the first step, and where nobody reached this one."),
      p75Ms: ms,
    }),
  ),
  ...answerNotes,
});

export const funnelsRouter = router({
  query: question(
    {
      kind: "funnel",
      rest: { method: "POST", path: "/funnels/query" },
      summary: "Counts how many people get from step to step, and how long it takes them.",
      answer: funnelAnswer,
    },
    funnelQuestion.shape,
  ).query(async ({ ctx, input }) => shown(await ask(ctx, { kind: "funnel", ...parsed(parseFunnel(input)) }))),
});

function parseFunnel({ steps: names, windowMs, order, hold, ...input }: z.output<typeof funnelQuestion>): Result<FunnelQuery, ApiProblem> {
  const steps = names.flatMap((name) => parsePersonEventType(name) ?? []);
  if (steps.length < names.length) {
    const unknown = names.flatMap((name, i) => (parsePersonEventType(name) === null ? [`steps.${i}`] : []));
    return invalidInput(...unknown.map((path) => ({ path, message: noPersonEventType })));
  }
  const range = parseRange(input);
  if (!range.ok) return range;
  const filters = parseContextFilters(input.filter);
  if (!filters.ok) return invalidInput(filters.error);
  return ok({ steps, windowMs, order, hold: hold ?? null, ...range.value, filters: filters.value });
}
