import type { AmountCell, UserCell } from "@trinity/aggregation/cell";
import type { Watermark } from "@trinity/aggregation/fold";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { cellsOfRange, joinRanges } from "./joined-ranges.ts";

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
  return {
    watermark,
    amountsOf: (range) => cellsOfRange(range, joinedAmounts, cells),
    usersOf: (range) => cellsOfRange(range, joinedUsers, users),
  };
}
