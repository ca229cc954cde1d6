import { type Accumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { clockDimensions, highCardinality } from "@trinity/aggregation/dimension";
import type { Watermark } from "@trinity/aggregation/fold";
import type { DimensionSet } from "@trinity/aggregation/measure";
import type { Plan } from "@trinity/aggregation/plan";
import { mixesEntities, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { FactCount } from "@trinity/columns/count-facts";
import type { CellRange } from "@trinity/storage/event-store";
import { accumulateGaps, isCountedByGaps } from "./accumulate-gaps.ts";
import { accumulateLog } from "./accumulate-log.ts";
import { countFromColumns } from "./count-from-columns.ts";
import { type CellSnapshot, readCells } from "./read-cells.ts";
import type { Reader } from "./reader.ts";
import { scanMax } from "./scan-limit.ts";
import { SharedAccumulators } from "./shared-accumulators.ts";
import { rangesOfSegment, type SegmentAsOf, type SegmentUsers, UserCells } from "./user-cells.ts";

/** The sub-queries of one query. */
export type SubQueryGroup = Pick<Plan, "subQueries" | "calendar"> & {
  /** Only its users count; null for all users. */
  readonly segment: SegmentAsOf | null;
  /** Groups of the same users share one scan of the log, to whose limit each range adds. The gaps of all groups are read in one scan. */
  readonly range: TimeRange;
  /** That of the calendar. */
  readonly timeZone: string;
  /** Of one sub-query; absent for any number. */
  readonly seriesMax?: number;
};

/** What the sub-queries of a group counted, in order. */
type CountedGroup = { readonly accumulators: readonly Accumulator[]; readonly segmentUsers: SegmentUsers | null };

/** What each group counted, in order, all of one snapshot; the watermark and the users are those of the snapshot. */
export type CountedSubQueries = { readonly groups: readonly CountedGroup[]; readonly watermark: Watermark; readonly users: UserCells };

/** How often cells are read anew because an entity may have changed after them. Then entities are counted without cells. */
const attemptsMax = 3;

/**
 * Counts sub-queries: all cells, those of users in segments included, come from one snapshot, and the log is read up to its watermark.
 * @param minutesFromMs as the plans assumed it
 * @param userRanges what else is asked of `users`
 * @returns `outdated` when minutes that the plans may need were dropped meanwhile: plan again
 * @throws {ScanLimitError}
 * @throws {SeriesLimitError} as soon as a sub-query has more series than its group may have
 */
export async function accumulateSubQueries(
  sources: Pick<Reader, "store" | "columns" | "signal">,
  groups: readonly SubQueryGroup[],
  minutesFromMs: number,
  userRanges: readonly CellRange[] = [],
): Promise<CountedSubQueries | "outdated"> {
  for (let attempt = 1; ; attempt++) {
    const asked = attempt <= attemptsMax ? groups : groups.map(withoutMixedEntities);
    const counted = await countOnce(sources, asked, minutesFromMs, userRanges);
    if (counted !== "moved") return counted;
  }
}

// From entities alone each one counts once, whenever it is read.
function withoutMixedEntities(group: SubQueryGroup): SubQueryGroup {
  const fromLog = (subQuery: SubQueryPlan): SubQueryPlan => ({ ...subQuery, source: { kind: "log" } });
  return { ...group, subQueries: group.subQueries.map((subQuery) => (mixesEntities(subQuery) ? fromLog(subQuery) : subQuery)) };
}

/** @returns `moved` when the state moved on before all entities were read that cells are added to */
async function countOnce(
  sources: Pick<Reader, "store" | "columns" | "signal">,
  groups: readonly SubQueryGroup[],
  minutesFromMs: number,
  userRanges: readonly CellRange[],
): Promise<CountedSubQueries | "outdated" | "moved"> {
  const read = (reads: SubQueryPlan["reads"]) =>
    groups.flatMap(({ subQueries }) => subQueries.filter((subQuery) => subQuery.reads === reads).flatMap(rangesOf));
  const ofSegments = groups.flatMap(({ segment }) => (segment === null ? [] : rangesOfSegment(segment)));
  const snapshot = await readCells(sources.store, read("amounts"), [...read("users"), ...ofSegments, ...userRanges]);
  const { watermark } = snapshot;
  if (watermark.minutesFromMs !== minutesFromMs) return "outdated";
  const users = new UserCells(snapshot.usersOf);
  const shared = new SharedAccumulators();
  const counted = groups.map((group) => countCells(group, snapshot, users, shared));
  return (await countLog(sources, scansOf(groups, counted), watermark)) ? { groups: counted, watermark, users } : "moved";
}

function countCells(group: SubQueryGroup, snapshot: CellSnapshot, users: UserCells, shared: SharedAccumulators): CountedGroup {
  const segmentUsers = group.segment === null ? null : users.inSegment(group.segment);
  const accumulators = accumulatorsFor(group, group.seriesMax).map((accumulator) => {
    const counted = shared.equalTo(accumulator, group);
    if (counted !== null) return counted;
    for (const range of rangesOf(accumulator.subQuery)) {
      if (accumulator instanceof UserAccumulator) for (const cell of users.cellsOf(range, segmentUsers)) accumulator.addCell(cell);
      else for (const cell of snapshot.amountsOf(range)) accumulator.addCell(cell);
    }
    return accumulator;
  });
  return { segmentUsers, accumulators };
}

/**
 * Counts what is not in cells. Columns are read as of the watermark; entities are as of now, so those that are added to cells are read first, that
 * a fold seldom comes between.
 * @returns false when one did, and entities that are added to cells may have changed
 */
async function countLog(
  sources: Pick<Reader, "store" | "columns" | "signal">,
  scans: readonly Scan[],
  { seq: throughSeq, revision }: Watermark,
): Promise<boolean> {
  const { store } = sources;
  const mayHaveChanged = async (fromEntities: readonly Accumulator[]) =>
    fromEntities.some(({ subQuery }) => mixesEntities(subQuery)) && (await store.readWatermark()).revision !== revision;
  const gaps = scans.map(({ userFilter, members }) => ({
    userFilter,
    accumulators: members.map(({ accumulator }) => accumulator).filter(({ subQuery }) => isCountedByGaps(subQuery)),
  }));
  const countGaps = async () => {
    await accumulateGaps(store, gaps, { throughSeq, scanMax: scans.reduce((sum, scan) => sum + scanMaxOf(scan), 0) });
    return !(await mayHaveChanged(gaps.flatMap(({ accumulators }) => accumulators)));
  };
  const others = scans.map(({ members }) => members.filter(({ accumulator }) => !isCountedByGaps(accumulator.subQuery)));
  // The engine of the columns has a process of its own: it works while the gaps are read here.
  const [filled, isOfWatermark] = await Promise.all([countFromColumns(sources, others.flat(), throughSeq), countGaps()]);
  if (!isOfWatermark) return false;
  for (const isMixed of [true, false]) {
    for (const [i, scan] of scans.entries()) {
      const left = (others[i] ?? []).map(({ accumulator }) => accumulator).filter((one) => !filled.has(one));
      const alike = left.filter(({ subQuery }) => mixesEntities(subQuery) === isMixed);
      await accumulateLog(store, alike, { userFilter: scan.userFilter, throughSeq, scanMax: scanMaxOf(scan) });
      if (await mayHaveChanged(alike)) return false;
    }
  }
  return true;
}

type Scan = { readonly userFilter: UserSet | null; readonly ranges: TimeRange[]; readonly members: FactCount[] };

function scanMaxOf({ ranges }: Scan): number {
  return scanMax * ranges.length;
}

function scansOf(groups: readonly SubQueryGroup[], counted: readonly CountedGroup[]): readonly Scan[] {
  const scans: Scan[] = [];
  const seen = new Set<Accumulator>();
  for (const [i, { accumulators, segmentUsers }] of counted.entries()) {
    const { range, calendar } = groups[i] as SubQueryGroup;
    const userFilter = segmentUsers?.users ?? null;
    // What several groups share counts each fact once.
    const unseen = accumulators.filter((accumulator) => !seen.has(accumulator));
    for (const accumulator of unseen) seen.add(accumulator);
    const members = unseen.map((accumulator) => ({ accumulator, calendar, userFilter }));
    const same = scans.find((scan) => scan.userFilter === userFilter);
    if (same === undefined) scans.push({ userFilter, ranges: [range], members });
    else {
      same.members.push(...members);
      if (!same.ranges.some(({ fromMs, toMs }) => fromMs === range.fromMs && toMs === range.toMs)) same.ranges.push(range);
    }
  }
  return scans;
}

function rangesOf(subQuery: SubQueryPlan): readonly CellRange[] {
  const { source, componentsBelow } = subQuery;
  if (source.kind === "log") return [];
  const { set, ranges: tierRanges, values } = source;
  const wanted = { ...(values === undefined ? {} : { values }), ...(componentsBelow === undefined ? {} : { componentsBelow }) };
  return tierRanges.map((tierRange) => ({
    set: set.name,
    ...tierRange,
    ...wanted,
    ...(isAddedUp(subQuery, set, tierRange) ? { isAddedUp: true } : {}),
  }));
}

/** Whether all cells of a range count alike. Only where values are many is it worth a read of its own. */
function isAddedUp({ reads, boundaries, by, filters }: SubQueryPlan, { dimensions }: DimensionSet, { fromMs, toMs }: TimeRange): boolean {
  const isClocked = [...by, ...filters.map(({ dimension }) => dimension)].some((name) => clockDimensions.has(name));
  const isCut = boundaries.some((atMs) => atMs > fromMs && atMs < toMs);
  return reads === "amounts" && !isClocked && !isCut && dimensions.some((name) => highCardinality.has(name));
}
