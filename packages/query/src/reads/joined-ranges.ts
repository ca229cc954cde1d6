import type { CellKey } from "@trinity/aggregation/cell";
import type { CellRange } from "@trinity/storage/event-store";

/**
 * Joins ranges that overlap or touch, so that sub-queries over the same days read them once. Example: the users who were active today and those
 * of yesterday. A range of which another one reads all cells with more components is read with that one: the sum beside the quantile.
 */
export function joinRanges(ranges: readonly CellRange[]): readonly CellRange[] {
  return [...Map.groupBy(ranges, cellsAsked).values()].flatMap((alike) => {
    const joined: CellRange[] = [];
    for (const sameComponents of [...Map.groupBy(alike, componentsAsked)].sort(([a], [b]) => b - a).map(([, same]) => same)) {
      const left = sameComponents.filter((range) => !joined.some((wider) => contains(wider, range)));
      joined.push(...unionsOf(left));
    }
    return joined;
  });
}

function unionsOf(ranges: readonly CellRange[]): readonly CellRange[] {
  const unions: CellRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = unions.at(-1);
    if (last === undefined || last.toMs < range.fromMs) unions.push(range);
    else unions[unions.length - 1] = { ...last, toMs: Math.max(last.toMs, range.toMs) };
  }
  return unions;
}

/** Where the cells of each joined range are. */
export class JoinedCells<Cell extends Pick<CellKey, "bucketMs">> {
  readonly #joined: ReadonlyMap<string, readonly { readonly range: CellRange; readonly cells: readonly Cell[] }[]>;

  /** @param cells `cells[i]` are the cells of `joined[i]`, oldest first */
  constructor(joined: readonly CellRange[], cells: readonly (readonly Cell[])[]) {
    const read = joined.map((range, i) => ({ range, cells: cells[i] ?? [] }));
    this.#joined = Map.groupBy(read, ({ range }) => cellsAsked(range));
  }

  /**
   * @param range one of the ranges that were joined
   * @returns its cells, maybe with more components than it asks for
   * @throws {RangeError} when no joined range contains the range
   */
  of(range: CellRange): readonly Cell[] {
    // Those with the fewest components are last.
    const found = this.#joined.get(cellsAsked(range))?.findLast((read) => contains(read.range, range));
    if (found === undefined) throw new RangeError(`cells of ${range.set} were not read`);
    const { cells } = found;
    return cells.slice(firstFrom(cells, range.fromMs), firstFrom(cells, range.toMs));
  }
}

/** @returns the index of the first cell whose bucket does not start before the instant */
function firstFrom(cells: readonly Pick<CellKey, "bucketMs">[], fromMs: number): number {
  let low = 0;
  let high = cells.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cells[middle] as Pick<CellKey, "bucketMs">).bucketMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function contains(whole: CellRange, range: CellRange): boolean {
  return whole.fromMs <= range.fromMs && whole.toMs >= range.toMs && componentsAsked(whole) >= componentsAsked(range);
}

function componentsAsked({ componentsBelow = Number.POSITIVE_INFINITY }: CellRange): number {
  return componentsBelow;
}

function cellsAsked({ set, tier, values, isAddedUp, fromMs, toMs }: CellRange): string {
  // What is added up cannot be taken apart again.
  return JSON.stringify([set, tier, values, ...(isAddedUp === true ? [fromMs, toMs] : [])]);
}
