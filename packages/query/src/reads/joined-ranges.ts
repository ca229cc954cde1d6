import type { CellKey } from "@trinity/aggregation/cell";
import type { CellRange } from "@trinity/storage/event-store";

/**
 * Joins ranges that overlap or touch, so that sub-queries over the same days read them once. Example: the users who were active today and those
 * of yesterday.
 */
export function joinRanges(ranges: readonly CellRange[]): readonly CellRange[] {
  return [...Map.groupBy(ranges, kindOf).values()].flatMap((alike) => {
    const joined: CellRange[] = [];
    for (const range of alike.toSorted((a, b) => a.fromMs - b.fromMs)) {
      const last = joined.at(-1);
      if (last === undefined || last.toMs < range.fromMs) joined.push(range);
      else joined[joined.length - 1] = { ...last, toMs: Math.max(last.toMs, range.toMs) };
    }
    return joined;
  });
}

/**
 * @param range one of the ranges that were joined
 * @param cells `cells[i]` are the cells of `joined[i]`
 * @throws {RangeError} when no joined range contains the range
 */
export function cellsOfRange<Cell extends Pick<CellKey, "bucketMs">>(
  range: CellRange,
  joined: readonly CellRange[],
  cells: readonly (readonly Cell[])[],
): readonly Cell[] {
  const kind = kindOf(range);
  const i = joined.findIndex((whole) => whole.fromMs <= range.fromMs && whole.toMs >= range.toMs && kindOf(whole) === kind);
  if (i === -1) throw new RangeError(`cells of ${range.set} were not read`);
  return (cells[i] ?? []).filter(({ bucketMs }) => bucketMs >= range.fromMs && bucketMs < range.toMs);
}

function kindOf({ set, tier, values, componentsBelow, isAddedUp, ...range }: CellRange): string {
  // What is added up cannot be taken apart again.
  return JSON.stringify([set, tier, values, componentsBelow, ...(isAddedUp === true ? [range] : [])]);
}
