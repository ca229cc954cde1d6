import { tierMs } from "@trinity/aggregation/bucket";
import type { AmountCell, UserCell } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { DimensionSet, Measure } from "@trinity/aggregation/measure";
import { measures } from "@trinity/aggregation/measure-catalogue";
import { joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import type { Vector } from "@trinity/aggregation/vector";
import { type DerivedCell, deriveCells, readsAllEvents } from "@trinity/columns/derive-cells";
import type { LogColumns } from "@trinity/columns/log-columns";
import { userDigestOf } from "@trinity/columns/user-digest";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import type { BucketCheck, BucketKey } from "@trinity/storage/verification-store";
import { idOfBucket } from "./bucket-checks.ts";
import type { Throttle } from "./replay.ts";

export type Recount = {
  /** The oldest revision of the cells that were compared. */
  readonly revision: number;
  /** How many cells SQL derived. */
  readonly cells: number;
  /** The buckets that SQL derives otherwise. */
  readonly differing: readonly BucketKey[];
};

/**
 * So many days are compared at once: their hours and values fit in memory. Of entities there are fewer cells, and each time all events are read
 * for them.
 */
const daysAtOnce = (measure: Measure) => (readsAllEvents(measure) ? 31 : 7);

/**
 * Derives the cells of whole days by SQL over the columns of the log, which shares no code with the fold, and compares the store with them. So
 * a mistake in the fold is found, which a shadow state repeats.
 * @param days the instant that each begins at, ascending
 * @returns null when the log cannot be read as columns now
 * @throws {EngineError}
 */
export async function recount(
  store: Pick<EventStore, "readRollups">,
  columns: LogColumns,
  days: readonly number[],
  throttle: Throttle,
): Promise<Recount | null> {
  const { watermark: first } = await store.readRollups([]);
  let recounted: Recount = { revision: first.revision, cells: 0, differing: [] };
  for (const measure of measures) {
    for (const some of chunksOf(days, daysAtOnce(measure))) {
      const found = await recountMeasure(store, columns, measure, some);
      if (found === null) return null;
      recounted = {
        revision: Math.min(recounted.revision, found.revision),
        cells: recounted.cells + found.cells,
        differing: [...recounted.differing, ...found.differing],
      };
      await throttle();
    }
  }
  return recounted;
}

/** Recounts a measure in some days. */
export async function recountMeasure(
  store: Pick<EventStore, "readRollups">,
  columns: LogColumns,
  measure: Measure,
  days: readonly number[],
): Promise<Recount | null> {
  const ranges = joinTimeRanges(days.map((dayMs) => ({ fromMs: dayMs, toMs: dayMs + tierMs.day })));
  const { watermark, cells: stored } = await readStored(store, measure, ranges);
  const { seq: throughSeq, minutesFromMs, revision } = watermark;
  const derived = await deriveCells(columns, { measure, ranges, minutesFromMs, throughSeq });
  return derived && { revision, cells: derived.length, differing: differingBuckets(stored, derived) };
}

/** @returns the checks of a shadow state, as far as SQL agrees: a bucket that has changed since waits for the next cycle */
export function provenTwice(checks: readonly BucketCheck[], { revision, differing }: Recount): readonly BucketCheck[] {
  const disputed = new Set(differing.map(idOfBucket));
  return checks.map((check) => ({
    ...check,
    matches: check.matches && !disputed.has(idOfBucket(check)),
    revision: Math.min(check.revision, revision),
  }));
}

function chunksOf(days: readonly number[], length: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(days.length / length) }, (_, i) => days.slice(i * length, (i + 1) * length));
}

async function readStored(
  store: Pick<EventStore, "readRollups">,
  measure: Measure,
  ranges: readonly TimeRange[],
): Promise<{ readonly watermark: Watermark; readonly cells: readonly DerivedCell[] }> {
  const ofSet = ({ name: set, tiers }: DimensionSet) => tiers.flatMap((tier) => ranges.map((range) => ({ set, tier, ...range })));
  const wanted: readonly CellRange[] = measure.sets.flatMap(ofSet);
  const isOfUsers = measure.components === "users";
  const { watermark, cells, users } = await (isOfUsers ? store.readRollups([], wanted) : store.readRollups(wanted));
  return { watermark, cells: isOfUsers ? users.flat().map(digestOf) : cells.flat().map(sumsOf) };
}

function sumsOf({ amounts, ...key }: AmountCell): DerivedCell {
  const sums: Vector = new Map();
  for (let i = 0; i < amounts.length; i += 2) sums.set(amounts[i] as number, amounts[i + 1] as number);
  return { ...key, sums };
}

function digestOf({ users, ...key }: UserCell): DerivedCell {
  return { ...key, sums: userDigestOf(users) };
}

function differingBuckets(stored: readonly DerivedCell[], derived: readonly DerivedCell[]): readonly BucketKey[] {
  const idOf = (cell: DerivedCell) => `${idOfBucket(cell)} ${cell.value}`;
  const left = new Map(stored.map((cell) => [idOf(cell), cell]));
  const differing = new Map<string, BucketKey>();
  const differs = ({ set, tier, bucketMs }: BucketKey) => differing.set(idOfBucket({ set, tier, bucketMs }), { set, tier, bucketMs });
  for (const cell of derived) {
    const is = left.get(idOf(cell));
    left.delete(idOf(cell));
    if (is === undefined || !isSameSum(is.sums, cell.sums)) differs(cell);
  }
  for (const cell of left.values()) differs(cell);
  return [...differing.values()];
}

function isSameSum(a: Vector, b: Vector): boolean {
  return a.size === b.size && a.entries().every(([component, amount]) => b.get(component) === amount);
}
