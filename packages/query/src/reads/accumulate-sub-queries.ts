import type { Accumulator, AmountAccumulator, UserAccumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import type { Watermark } from "@trinity/aggregation/fold";
import type { Plan } from "@trinity/aggregation/plan";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import type { UserSet } from "@trinity/aggregation/user-set";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { accumulateLog } from "./accumulate-log.ts";
import { cellsOfRange, joinRanges } from "./joined-ranges.ts";

/** So much of the log one answer may read: about five seconds. */
const scanMax = 2_000_000;

/** What the parts of a plan counted, and how far the log was folded then. */
export type CountedSubQueries = { readonly accumulators: readonly Accumulator[]; readonly watermark: Watermark };

/**
 * Counts the parts of a plan, all cells as they were at one moment.
 * @param userFilter only these users count; `null` for everybody
 * @param minutesFromMs as the plan assumed it
 * @returns `moved on` when minutes that the plan may need were dropped meanwhile: plan again
 * @throws {ScanLimitError}
 */
export async function accumulateSubQueries(
  store: EventStore,
  plan: Pick<Plan, "subQueries" | "calendar">,
  { userFilter, minutesFromMs }: { readonly userFilter: UserSet | null; readonly minutesFromMs: number },
): Promise<CountedSubQueries | "moved on"> {
  const accumulators = accumulatorsFor(plan, userFilter);
  const ranges = accumulators.flatMap((accumulator, index) =>
    rangesOf(accumulator.subQuery).map((range) => ({ range, index, reads: accumulator.subQuery.reads })),
  );
  const sums = ranges.filter(({ reads }) => reads === "amounts");
  const sets = ranges.filter(({ reads }) => reads === "users");
  const sumRanges = joinRanges(sums.map(({ range }) => range));
  const setRanges = joinRanges(sets.map(({ range }) => range));
  const snapshot = await store.readRollups(sumRanges, setRanges);
  if (snapshot.watermark.minutesFromMs !== minutesFromMs) return "moved on";
  for (const { range, index } of sums)
    for (const cell of cellsOfRange(range, sumRanges, snapshot.cells)) (accumulators[index] as AmountAccumulator).addCell(cell);
  for (const { range, index } of sets)
    for (const cell of cellsOfRange(range, setRanges, snapshot.users)) (accumulators[index] as UserAccumulator).addCell(cell);
  await accumulateLog(store, accumulators, { userFilter, throughSeq: snapshot.watermark.seq, scanMax });
  return { accumulators, watermark: snapshot.watermark };
}

function rangesOf({ source, componentsBelow }: SubQueryPlan): readonly CellRange[] {
  if (source.kind === "log") return [];
  const { set, ranges: tierRanges, values } = source;
  const wanted = { ...(values === undefined ? {} : { values }), ...(componentsBelow === undefined ? {} : { componentsBelow }) };
  return tierRanges.map((tierRange) => ({ set: set.name, ...tierRange, ...wanted }));
}
