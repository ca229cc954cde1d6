import type { Accumulator, AmountAccumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import type { Watermark } from "@trinity/aggregation/fold";
import type { Plan } from "@trinity/aggregation/plan";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { accumulateLog } from "./accumulate-log.ts";
import { cellsOfRange, joinRanges } from "./joined-ranges.ts";

/** How many events one answer may scan: about five seconds. */
const scanMax = 2_000_000;

/** The sub-queries of one query. */
export type SubQueryGroup = Pick<Plan, "subQueries" | "calendar"> & {
  /** Only these users count; null for everybody. */
  readonly userFilter: UserSet | null;
  /** Groups of the same users and range share one scan of the log, and its limit. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
};

/** What the sub-queries of each group counted, in order, and how far the log was folded then. */
export type CountedSubQueries = { readonly accumulators: readonly (readonly Accumulator[])[]; readonly watermark: Watermark };

/**
 * Counts sub-queries: all cells come from one snapshot, the log is read up to its watermark.
 * @param minutesFromMs as the plans assumed it
 * @returns `outdated` when minutes that the plans may need were dropped meanwhile: plan again
 * @throws {ScanLimitError}
 */
export async function accumulateSubQueries(
  store: EventStore,
  groups: readonly SubQueryGroup[],
  minutesFromMs: number,
): Promise<CountedSubQueries | "outdated"> {
  const accumulators = groups.map((group) => accumulatorsFor(group, group.userFilter));
  const ranges = accumulators.flat().flatMap((accumulator) => rangesOf(accumulator.subQuery).map((range) => ({ range, accumulator })));
  const sums = ranges.filter(({ accumulator }) => accumulator.subQuery.reads === "amounts");
  const sets = ranges.filter(({ accumulator }) => accumulator.subQuery.reads === "users");
  const sumRanges = joinRanges(sums.map(({ range }) => range));
  const setRanges = joinRanges(sets.map(({ range }) => range));
  const { watermark, cells, users } = await store.readRollups(sumRanges, setRanges);
  if (watermark.minutesFromMs !== minutesFromMs) return "outdated";
  for (const { range, accumulator } of sums)
    for (const cell of cellsOfRange(range, sumRanges, cells)) (accumulator as AmountAccumulator).addCell(cell);
  for (const { range, accumulator } of sets)
    for (const cell of cellsOfRange(range, setRanges, users)) (accumulator as UserAccumulator).addCell(cell);
  for (const { userFilter, members } of scansOf(groups, accumulators))
    await accumulateLog(store, members, { userFilter, throughSeq: watermark.seq, scanMax });
  return { accumulators, watermark };
}

type Scan = { readonly userFilter: UserSet | null; readonly fromMs: number; readonly toMs: number; readonly members: Accumulator[] };

function scansOf(groups: readonly SubQueryGroup[], accumulators: readonly (readonly Accumulator[])[]): readonly Scan[] {
  const scans: Scan[] = [];
  for (const [i, { userFilter, range }] of groups.entries()) {
    const same = scans.find((scan) => scan.userFilter === userFilter && scan.fromMs === range.fromMs && scan.toMs === range.toMs);
    if (same === undefined) scans.push({ userFilter, ...range, members: [...(accumulators[i] ?? [])] });
    else same.members.push(...(accumulators[i] ?? []));
  }
  return scans;
}

function rangesOf({ source, componentsBelow }: SubQueryPlan): readonly CellRange[] {
  if (source.kind === "log") return [];
  const { set, ranges: tierRanges, values } = source;
  const wanted = { ...(values === undefined ? {} : { values }), ...(componentsBelow === undefined ? {} : { componentsBelow }) };
  return tierRanges.map((tierRange) => ({ set: set.name, ...tierRange, ...wanted }));
}
