import { setImmediate } from "node:timers/promises";
import { type Accumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import { clockDimensions, highCardinality } from "@trinity/aggregation/dimension";
import type { Watermark } from "@trinity/aggregation/fold";
import type { DimensionSet } from "@trinity/aggregation/measure";
import type { Plan } from "@trinity/aggregation/plan";
import { logRangesOf, mixesEntities, type SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { TimeRange } from "@trinity/aggregation/time-range";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { FactCount } from "@trinity/columns/count-facts";
import type { CellRange } from "@trinity/storage/event-store";
import { accumulateGaps, isCountedByGaps } from "./accumulate-gaps.ts";
import { accumulateLog } from "./accumulate-log.ts";
import { countFromColumns, isReadFast } from "./count-from-columns.ts";
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

/** How often all is read anew because a fold came between two reads. Then entities are counted without cells. */
const attemptsMax = 3;

/**
 * Counts sub-queries: all cells, those of users in segments included, come from one snapshot, and the log is read up to its watermark.
 * @param planned the watermark that the plans were made for
 * @param userRanges what else is asked of `users`
 * @returns `outdated` when minutes that the plans may need were dropped meanwhile: plan again
 * @throws {ScanLimitError}
 * @throws {SeriesLimitError} as soon as a sub-query has more series than its group may have
 */
export async function accumulateSubQueries(
  sources: Sources,
  groups: readonly SubQueryGroup[],
  planned: Watermark,
  userRanges: readonly CellRange[] = [],
): Promise<CountedSubQueries | "outdated"> {
  const { minutesFromMs } = planned;
  for (let attempt = 1; ; attempt++) {
    const asked = attempt <= attemptsMax ? groups : groups.map(withoutMixedEntities);
    const counted = await countOnce(sources, asked, { minutesFromMs, expectedSeq: attempt === 1 ? planned.seq : null }, userRanges);
    if (counted !== "moved") return counted;
  }
}

type Sources = Pick<Reader, "store" | "columns" | "signal">;

type Assumed = {
  /** What the plans were made for. */
  readonly minutesFromMs: number;
  /** The chunk through which the cells are expected to be: columns are read up to it meanwhile. Null: they are read after the cells. */
  readonly expectedSeq: number | null;
};

// From entities alone each one counts once, whenever it is read.
function withoutMixedEntities(group: SubQueryGroup): SubQueryGroup {
  const fromLog = (subQuery: SubQueryPlan): SubQueryPlan => ({ ...subQuery, source: { kind: "log" } });
  return { ...group, subQueries: group.subQueries.map((subQuery) => (mixesEntities(subQuery) ? fromLog(subQuery) : subQuery)) };
}

/** @returns `moved` when the state moved on before all was read that belongs together */
async function countOnce(
  sources: Sources,
  groups: readonly SubQueryGroup[],
  { minutesFromMs, expectedSeq }: Assumed,
  userRanges: readonly CellRange[],
): Promise<CountedSubQueries | "outdated" | "moved"> {
  const shared = new SharedAccumulators();
  const begun = groups.map((group) => beginGroup(group, shared));
  const over = new AbortController();
  try {
    const early = expectedSeq === null ? nothingEarly : await countEarly(endedBy(over.signal, sources), begun, expectedSeq);
    const read = (reads: SubQueryPlan["reads"]) =>
      groups.flatMap(({ subQueries }) => subQueries.filter((subQuery) => subQuery.reads === reads).flatMap(rangesOf));
    const ofSegments = groups.flatMap(({ segment }) => (segment === null ? [] : rangesOfSegment(segment)));
    const snapshot = await readCells(sources.store, read("amounts"), [...read("users"), ...ofSegments, ...userRanges]);
    const { watermark } = snapshot;
    if (watermark.minutesFromMs !== minutesFromMs) return "outdated";
    if (early.accumulators.size > 0 && watermark.seq !== expectedSeq) return "moved";
    const users = new UserCells(snapshot.usersOf);
    const counted = begun.map((one) => countCells(one, snapshot, users));
    const isOfWatermark = await countLog(sources, scansOf(counted), { watermark, early });
    return isOfWatermark ? { groups: counted, watermark, users } : "moved";
  } finally {
    // Nobody waits any more for what an attempt that is given up has asked of the engine.
    over.abort();
  }
}

function endedBy(signal: AbortSignal, sources: Sources): Sources {
  return { ...sources, signal: sources.signal === undefined ? signal : AbortSignal.any([signal, sources.signal]) };
}

/** A group and its accumulators. Only the `own` ones are counted for it: the others are counted for a group before it. */
type BegunGroup = { readonly group: SubQueryGroup; readonly accumulators: readonly Accumulator[]; readonly own: readonly Accumulator[] };

function beginGroup(group: SubQueryGroup, shared: SharedAccumulators): BegunGroup {
  const own: Accumulator[] = [];
  const accumulators = accumulatorsFor(group, group.seriesMax).map((accumulator) => {
    const before = shared.equalTo(accumulator, group);
    if (before === null) own.push(accumulator);
    return before ?? accumulator;
  });
  return { group, accumulators, own };
}

/** `accumulators`: what columns are asked before cells are read. `filled`: those of them that columns could count. */
type EarlyCounts = { readonly accumulators: ReadonlySet<Accumulator>; readonly filled: Promise<ReadonlySet<Accumulator>> };

const nothingEarly: EarlyCounts = { accumulators: new Set(), filled: Promise.resolve(new Set<Accumulator>()) };

/** Has the engine, which is a process of its own, count gaps while cells are read here. Who is in a segment, only cells tell. */
async function countEarly(sources: Sources, begun: readonly BegunGroup[], throughSeq: number): Promise<EarlyCounts> {
  if (sources.columns === undefined) return nothingEarly;
  const counts = begun.flatMap(({ group: { segment, calendar }, own }) => {
    const ofGaps = own.filter(({ subQuery }) => subQuery.source.kind === "rollups" && isReadInColumns(subQuery));
    return segment === null ? ofGaps.map((accumulator) => ({ accumulator, calendar, userFilter: null })) : [];
  });
  if (counts.length === 0) return nothingEarly;
  const filled = countFromColumns(sources, counts, throughSeq);
  // Thrown where it is awaited; nobody awaits it when cells cannot be read.
  filled.catch(() => {});
  // Lets the engine be asked first: while SQLite reads cells, nothing else runs in this process.
  await setImmediate();
  return { accumulators: new Set(counts.map(({ accumulator }) => accumulator)), filled };
}

function isReadInColumns(subQuery: SubQueryPlan): boolean {
  return logRangesOf(subQuery).length > 0 && !isCountedByGaps(subQuery) && !isReadFast(subQuery);
}

function countCells({ group, accumulators, own }: BegunGroup, snapshot: CellSnapshot, users: UserCells): BegunGroup & CountedGroup {
  const segmentUsers = group.segment === null ? null : users.inSegment(group.segment);
  for (const accumulator of own) {
    for (const range of rangesOf(accumulator.subQuery)) {
      if (accumulator instanceof UserAccumulator) for (const cell of users.cellsOf(range, segmentUsers)) accumulator.addCell(cell);
      else for (const cell of snapshot.amountsOf(range)) accumulator.addCell(cell);
    }
  }
  return { group, accumulators, own, segmentUsers };
}

/**
 * Counts what is not in cells. Columns are read as of the watermark; entities are as of now, so those that are added to cells are read first, that
 * a fold seldom comes between.
 * @returns false when one did, and entities that are added to cells may have changed
 */
async function countLog(
  sources: Sources,
  scans: readonly Scan[],
  { watermark, early }: { readonly watermark: Watermark; readonly early: EarlyCounts },
): Promise<boolean> {
  const { store } = sources;
  const { seq: throughSeq, revision } = watermark;
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
  const late = others.flat().filter(({ accumulator }) => !early.accumulators.has(accumulator));
  // The engine of the columns has a process of its own: it works while the gaps are read here.
  const [filledEarly, filledLate, isOfWatermark] = await Promise.all([
    early.filled,
    countFromColumns(sources, late, throughSeq),
    countGaps(),
  ]);
  if (!isOfWatermark) return false;
  const filled = filledEarly.union(filledLate);
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

function scansOf(counted: readonly (BegunGroup & CountedGroup)[]): readonly Scan[] {
  const scans: Scan[] = [];
  for (const { group, own, segmentUsers } of counted) {
    const { range, calendar } = group;
    const userFilter = segmentUsers?.users ?? null;
    const members = own.map((accumulator) => ({ accumulator, calendar, userFilter }));
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
