import type { AmountCell, UserCell } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { JoinedCells, joinRanges } from "./joined-ranges.ts";

/** Cells of one snapshot of the rollups. Both functions take ranges that were asked for. */
export type CellSnapshot = {
  readonly watermark: Watermark;
  amountsOf(range: CellRange): readonly AmountCell[];
  usersOf(range: CellRange): readonly UserCell[];
};

/**
 * Reads ranges of cells from one snapshot. Ranges that overlap are read once.
 * @param userRanges cells whose users are wanted, not their sums
 */
export async function readCells(
  store: Pick<EventStore, "readRollups">,
  amountRanges: readonly CellRange[],
  userRanges: readonly CellRange[],
): Promise<CellSnapshot> {
  const [joinedAmounts, joinedUsers] = [joinRanges(amountRanges), joinRanges(userRanges)];
  const { watermark, cells, users } = await store.readRollups(joinedAmounts, joinedUsers);
  const amountCells = new JoinedCells(joinedAmounts, cells);
  const userCells = new JoinedCells(joinedUsers, users);
  return { watermark, amountsOf: (range) => amountsBelow(range, amountCells.of(range)), usersOf: (range) => userCells.of(range) };
}

/** A cell without any of the components is not there. The accumulator leaves out those that it was not asked for. */
function amountsBelow({ componentsBelow = Number.POSITIVE_INFINITY }: CellRange, cells: readonly AmountCell[]): readonly AmountCell[] {
  return cells.filter(({ amounts }) => amounts.length > 0 && (amounts[0] as number) < componentsBelow);
}
