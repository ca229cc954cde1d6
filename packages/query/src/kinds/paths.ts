import { PathAccumulator, type PathQuery, type Paths } from "@trinity/aggregation/path";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { scanEvents } from "../reads/scan-events.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

/** The sessions of a range laid over each other, step by step, counted from the log. */
export const paths: QuestionKind<PathQuery, PathQuery, PathAccumulator, ShownRange & Paths> = {
  permission: "metrics:read",
  isHeavy: () => true,
  plan: ok,
  read: async (query, reader) => ({
    facts: await scanEvents(reader, new PathAccumulator(query, reader.moment.asOfMs)),
    source: "log",
  }),
  compute: (query, accumulator) => ok({ ...shownRange(query), ...accumulator.paths() }),
  overflowCheck: ({ fromMs, toMs, filters }) => ({
    scope: { fromMs, toMs, timeZone: "UTC", filters },
    counts: [{ metric: "events" }],
    by: [],
    checkedRange: { fromMs, toMs },
  }),
};
