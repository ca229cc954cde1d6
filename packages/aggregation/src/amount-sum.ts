import type { Amounts, CellAmounts } from "./vector.ts";

const blockSize = 64;

/**
 * A sum of vectors that is only read: the same algebra as `Vector`, in blocks of components that exist only where something was added.
 * An answer adds up to a thousand bins a cell; here each costs a few nanoseconds, ten times less than in a map.
 */
export class AmountSum {
  readonly #blocks = new Map<number, Float64Array>();

  static of(amounts: Amounts): AmountSum {
    const sum = new AmountSum();
    sum.add(amounts);
    return sum;
  }

  static sumOf(sums: Iterable<AmountSum>): AmountSum {
    const whole = new AmountSum();
    for (const sum of sums) whole.addSum(sum);
    return whole;
  }

  /**
   * Adds amounts, in place; fastest where components ascend.
   * @param below only components below are added
   */
  add(amounts: Amounts | CellAmounts, below = Number.POSITIVE_INFINITY): void {
    let first = Number.NEGATIVE_INFINITY;
    let block: Float64Array = none;
    for (let i = 0; i < amounts.length; i += 2) {
      const component = amounts[i] as number;
      if (component >= below) continue;
      if (component < first || component >= first + blockSize) {
        const index = Math.floor(component / blockSize);
        first = index * blockSize;
        block = this.#blockAt(index);
      }
      const place = component - first;
      block[place] = (block[place] as number) + (amounts[i + 1] as number);
    }
  }

  /** Adds another sum, in place. */
  addSum(other: AmountSum): void {
    for (const [index, theirs] of other.#blocks) {
      const ours = this.#blockAt(index);
      for (let i = 0; i < blockSize; i++) ours[i] = (ours[i] as number) + (theirs[i] as number);
    }
  }

  /** The amount of a component; 0 where nothing was added. */
  at(component: number): number {
    return this.#blocks.get(Math.floor(component / blockSize))?.[component % blockSize] ?? 0;
  }

  /** All amounts together. */
  total(): number {
    let total = 0;
    for (const block of this.#blocks.values()) for (const amount of block) total += amount;
    return total;
  }

  /** Calls back with the components in `[from, to)` whose amount is not 0, ascending. */
  forEachIn(from: number, to: number, tell: (component: number, amount: number) => void): void {
    const indexes = [...this.#blocks.keys()].filter((index) => (index + 1) * blockSize > from && index * blockSize < to);
    for (const index of indexes.sort((a, b) => a - b)) {
      const block = this.#blocks.get(index) as Float64Array;
      const first = index * blockSize;
      const end = Math.min(blockSize, to - first);
      for (let i = Math.max(0, from - first); i < end; i++) {
        const amount = block[i] as number;
        if (amount !== 0) tell(first + i, amount);
      }
    }
  }

  #blockAt(index: number): Float64Array {
    let block = this.#blocks.get(index);
    if (block === undefined) this.#blocks.set(index, (block = new Float64Array(blockSize)));
    return block;
  }
}

const none = new Float64Array(0);
