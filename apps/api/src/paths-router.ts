import { type PathQuery, pathNamings } from "@trinity/aggregation/path";
import { ok, type Result } from "@trinity/runtime/result";
import { z } from "zod";
import { type ApiProblem, invalidInput, parsed } from "./api-problem.ts";
import { ask, shown } from "./ask.ts";
import { parseContextFilters } from "./context-filters.ts";
import { filterTexts } from "./filter-text.ts";
import { answerNotes } from "./metric-answer.ts";
import { instantText, parseRange, timeZoneRule, timeZoneText } from "./metric-question.ts";
import { noPersonEventType, parsePersonEventType } from "./person-event-type.ts";
import { question } from "./question.ts";
import { router } from "./trpc.ts";

const stepName = z.string().min(1).max(200);

const pathsQuestion = z.strictObject({
  from: instantText.describe("Sessions start from here on: an RFC 3339 instant, or a date, which means its first instant in `tz`."),
  to: instantText.describe("First instant at which no session starts any more; they are followed beyond it."),
  start: stepName.optional().describe("Paths begin with the first step of this name: an event type, or with `by: screen` a screen."),
  end: stepName
    .optional()
    .describe("Paths end with the first step of this name. Without `start` they are looked at backwards: depth 0 is this step."),
  depth: z.int().min(1).max(10).default(5).describe("How many steps are shown, the one at depth 0 included."),
  nodesMax: z.int().min(1).max(100).default(30).describe("How many names are told apart at each depth; rarer ones are `other`."),
  by: z.enum(pathNamings).default("eventType").describe("What a step is: any event, or a screen that was shown."),
  filter: filterTexts.default([]),
  tz: timeZoneText.default("UTC").describe(`Time zone of dates in \`from\` and \`to\`. ${timeZoneRule}`),
});

const pathsAnswer = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  sessions: z.int().describe("Sessions that have a path; the nodes at depth 0 add up to it."),
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      depth: z.int(),
      kind: z
        .enum(["step", "other", "end", "beyond"])
        .describe("`end`: nothing follows (backwards: nothing came before); `beyond`: more does than is shown."),
      name: z.string(),
      sessions: z.int(),
    }),
  ),
  links: z
    .array(z.strictObject({ source: z.string(), target: z.string(), sessions: z.int() }))
    .describe("In the direction of time. What enters a node leaves it."),
  ...answerNotes,
});

export const pathsRouter = router({
  query: question(
    {
      kind: "paths",
      rest: { method: "POST", path: "/paths/query" },
      summary: "Lays the sessions of a range over each other, step by step, as a Sankey diagram shows them.",
      answer: pathsAnswer,
    },
    pathsQuestion.shape,
  ).query(async ({ ctx, input }) => shown(await ask(ctx, { kind: "paths", ...parsed(parsePaths(input)) }))),
});

function parsePaths({ by, depth, nodesMax, ...input }: z.output<typeof pathsQuestion>): Result<PathQuery, ApiProblem> {
  const nameOf = (text: string) => (by === "screen" ? text : parsePersonEventType(text));
  const start = input.start === undefined ? undefined : nameOf(input.start);
  const end = input.end === undefined ? undefined : nameOf(input.end);
  const unknown = [...(start === null ? ["start"] : []), ...(end === null ? ["end"] : [])];
  if (start === null || end === null) {
    return invalidInput(...unknown.map((path) => ({ path, message: noPersonEventType })));
  }
  const range = parseRange(input);
  if (!range.ok) return range;
  const filters = parseContextFilters(input.filter);
  if (!filters.ok) return invalidInput(filters.error);
  return ok({ ...range.value, by, start: start ?? null, end: end ?? null, depth, nodesMax, filters: filters.value });
}
