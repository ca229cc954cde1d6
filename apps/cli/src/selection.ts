import { bucketEnd } from "@trinity/aggregation/cell";
import { findSet } from "@trinity/aggregation/measure-catalogue";
import { measuresOfMetric } from "@trinity/aggregation/metric";
import { findMetric } from "@trinity/aggregation/metric-catalogue";
import { failed, ok, type Result } from "@trinity/runtime/result";
import type { StateRowKey } from "@trinity/storage/state-row";

/** What to rebuild: cells of these sets whose buckets touch `[fromMs, toMs)`; everything if none of it is given. */
export type Selection = { readonly sets?: ReadonlySet<string>; readonly fromMs?: number; readonly toMs?: number };

/** The options of `rebuild` that select. */
export type SelectionOptions = {
  readonly set?: readonly string[];
  readonly metric?: readonly string[];
  readonly from?: number;
  readonly to?: number;
};

/** @returns the selection, or which of its names there is not */
export function parseSelection({ set = [], metric = [], from: fromMs, to: toMs }: SelectionOptions): Result<Selection, string> {
  const sets = [...set];
  for (const name of set)
    if (findSet(name) === undefined)
      return failed(`there is no dimension set ${name}: a set is named as in --set vote/genre, and --metric takes all of a metric`);
  for (const name of metric) {
    const found = findMetric(name);
    if (found === undefined) return failed(`there is no metric ${name}: docs/metrics.md lists them, such as --metric votes`);
    sets.push(...measuresOfMetric(found).flatMap((measure) => measure.sets.map((one) => one.name)));
  }
  return ok({
    ...(sets.length === 0 ? {} : { sets: new Set(sets) }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  });
}

/** Whether a row is selected. */
export function isSelected(key: StateRowKey, { sets, fromMs, toMs }: Selection): boolean {
  if (sets === undefined && fromMs === undefined && toMs === undefined) return true;
  if (key.table !== "cell") return false;
  if (sets !== undefined && !sets.has(key.set)) return false;
  return bucketEnd(key.tier, key.bucketMs) > (fromMs ?? Number.NEGATIVE_INFINITY) && key.bucketMs < (toMs ?? Number.POSITIVE_INFINITY);
}
