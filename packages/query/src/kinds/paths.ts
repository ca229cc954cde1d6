import { PathAccumulator, type PathQuery, type Paths, rangeOfPaths } from "@trinity/aggregation/path";
import { countPaths } from "@trinity/columns/count-paths";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { fromColumns } from "../reads/from-columns.ts";
import { minuteEnd } from "../reads/minute-end.ts";
import { scanEvents } from "../reads/scan-events.ts";
import { type ShownRange, shownRange } from "../shown-range.ts";

type Facts = { paths(): Paths };

/** The sessions of a range laid over each other, step by step, counted from the log. */
export const paths: QuestionKind<PathQuery, PathQuery, Facts, ShownRange & Paths> = {
  permission: "metrics:read",
  isHeavy: () => true,
  settledAtMs: (query) => minuteEnd(rangeOfPaths(query, Number.POSITIVE_INFINITY).toMs),
  plan: ok,
  async read(query, reader) {
    const { asOfMs, watermark } = reader.moment;
    const asked = { query, asOfMs, throughSeq: watermark.seq };
    const counted = await fromColumns(reader, (columns, signal) => countPaths(columns, asked, signal));
    return { facts: counted ?? (await scanEvents(reader, new PathAccumulator(query, asOfMs))), source: "log" };
  },
  compute: (query, counted) => ok({ ...shownRange(query), ...counted.paths() }),
  overflowCheck: ({ fromMs, toMs, filters }) => ({
    scope: { fromMs, toMs, timeZone: "UTC", filters },
    counts: [{ metric: "events" }],
    by: [],
    checkedRange: { fromMs, toMs },
  }),
};
