import { type Accumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import type { Watermark } from "@trinity/aggregation/fold";
import type { Plan } from "@trinity/aggregation/plan";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { CellRange } from "@trinity/storage/event-store";
import { accumulateLog } from "./accumulate-log.ts";
import { type Counting, countFromColumns } from "./count-from-columns.ts";
import { readCells } from "./read-cells.ts";
import type { Reader } from "./reader.ts";
import { scanMax } from "./scan-limit.ts";
import { rangesOfSegment, type SegmentAsOf, type SegmentUsers, UserCells } from "./user-cells.ts";

/** The sub-queries of one query. */
export type SubQueryGroup = Pick<Plan, "subQueries" | "calendar"> & {
  /** Only its users count; null for all users. */
  readonly segment: SegmentAsOf | null;
  /** Groups of the same users and range share one scan of the log, and its limit. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
};

/** What the sub-queries of a group counted, in order. */
type CountedGroup = { readonly accumulators: readonly Accumulator[]; readonly segmentUsers: SegmentUsers | null };

/** What each group counted, in order, all of one snapshot; the watermark and the users are those of the snapshot. */
export type CountedSubQueries = { readonly groups: readonly CountedGroup[]; readonly watermark: Watermark; readonly users: UserCells };

/**
 * Counts sub-queries: all cells, those of users in segments included, come from one snapshot, and the log is read up to its watermark.
 * @param minutesFromMs as the plans assumed it
 * @param userRanges what else is asked of `users`
 * @returns `outdated` when minutes that the plans may need were dropped meanwhile: plan again
 * @throws {ScanLimitError}
 */
export async function accumulateSubQueries(
  sources: Pick<Reader, "store" | "columns" | "signal">,
  groups: readonly SubQueryGroup[],
  minutesFromMs: number,
  userRanges: readonly CellRange[] = [],
): Promise<CountedSubQueries | "outdated"> {
  const read = (reads: SubQueryPlan["reads"]) =>
    groups.flatMap(({ subQueries }) => subQueries.filter((subQuery) => subQuery.reads === reads).flatMap(rangesOf));
  const ofSegments = groups.flatMap(({ segment }) => (segment === null ? [] : rangesOfSegment(segment)));
  const snapshot = await readCells(sources.store, read("amounts"), [...read("users"), ...ofSegments, ...userRanges]);
  const { watermark } = snapshot;
  if (watermark.minutesFromMs !== minutesFromMs) return "outdated";
  const users = new UserCells(snapshot.usersOf);
  const counted = groups.map((group) => {
    const segmentUsers = group.segment === null ? null : users.inSegment(group.segment);
    const accumulators = accumulatorsFor(group);
    for (const accumulator of accumulators) {
      for (const range of rangesOf(accumulator.subQuery)) {
        if (accumulator instanceof UserAccumulator) for (const cell of users.cellsOf(range, segmentUsers)) accumulator.addCell(cell);
        else for (const cell of snapshot.amountsOf(range)) accumulator.addCell(cell);
      }
    }
    return { segmentUsers, accumulators };
  });
  for (const { userFilter, members } of scansOf(groups, counted)) {
    const scan = { userFilter, throughSeq: watermark.seq };
    await accumulateLog(sources.store, await countFromColumns(sources, members, scan), { ...scan, scanMax });
  }
  return { groups: counted, watermark, users };
}

type Scan = { readonly userFilter: UserSet | null; readonly fromMs: number; readonly toMs: number; readonly members: Counting[] };

function scansOf(groups: readonly SubQueryGroup[], counted: readonly CountedGroup[]): readonly Scan[] {
  const scans: Scan[] = [];
  for (const [i, { accumulators, segmentUsers }] of counted.entries()) {
    const { range, calendar } = groups[i] as SubQueryGroup;
    const { fromMs, toMs } = range;
    const counting = accumulators.map((accumulator) => ({ accumulator, calendar }));
    const userFilter = segmentUsers?.users ?? null;
    const same = scans.find((scan) => scan.userFilter === userFilter && scan.fromMs === fromMs && scan.toMs === toMs);
    if (same === undefined) scans.push({ userFilter, fromMs, toMs, members: counting });
    else same.members.push(...counting);
  }
  return scans;
}

function rangesOf({ source, componentsBelow }: SubQueryPlan): readonly CellRange[] {
  if (source.kind === "log") return [];
  const { set, ranges: tierRanges, values } = source;
  const wanted = { ...(values === undefined ? {} : { values }), ...(componentsBelow === undefined ? {} : { componentsBelow }) };
  return tierRanges.map((tierRange) => ({ set: set.name, ...tierRange, ...wanted }));
}
