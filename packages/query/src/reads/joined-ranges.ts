import type { CellKey } from "@trinity/aggregation/cell";
import type { CellRange } from "@trinity/storage/event-store";

/**
 * Joins ranges that overlap or touch, so that sub-queries over the same days read them once. Example: the users who were active today and those
 * of yesterday. A range of which another one reads all cells with more components is read with that one: the sum beside the quantile, and some
 * values beside all.
 */
export function joinRanges(ranges: readonly CellRange[]): readonly CellRange[] {
  const [ofAll, ofSome] = [ranges.filter(({ values }) => values === undefined), ranges.filter(({ values }) => values !== undefined)];
  const joined = joinAlike(ofAll);
  const left = ofSome.filter(
    (range) => !joined.some((wider) => cellsAsked(wider) === cellsAsked(ofAllValues(range)) && contains(wider, range)),
  );
  return [...joined, ...joinAlike(left)];
}

function joinAlike(ranges: readonly CellRange[]): readonly CellRange[] {
  return [...Map.groupBy(ranges, cellsAsked).values()].flatMap((alike) => {
    const joined: CellRange[] = [];
    for (const sameComponents of [...Map.groupBy(alike, componentsAsked)].sort(([a], [b]) => b - a).map(([, same]) => same)) {
      const left = sameComponents.filter((range) => !joined.some((wider) => contains(wider, range)));
      joined.push(...unionsOf(left));
    }
    return joined;
  });
}

function ofAllValues({ values: _, ...range }: CellRange): CellRange {
  return range;
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
export class JoinedCells<Cell extends Pick<CellKey, "bucketMs" | "value">> {
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
    const { values } = range;
    const alone = this.#within(range);
    if (alone !== null) return alone;
    const found = values === undefined ? null : this.#within(ofAllValues(range));
    if (found === null) throw new RangeError(`cells of ${range.set} were not read`);
    return found.filter(({ value }) => values?.includes(value));
  }

  /** @returns null when no joined range of the same values contains the range */
  #within(range: CellRange): readonly Cell[] | null {
    // Those with the fewest components are last.
    const found = this.#joined.get(cellsAsked(range))?.findLast((read) => contains(read.range, range));
    return found === undefined ? null : found.cells.slice(firstFrom(found.cells, range.fromMs), firstFrom(found.cells, range.toMs));
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
