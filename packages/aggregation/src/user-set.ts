import { markComponents } from "./vector-codec.ts";

/** How many numbers one block of a set covers; also what one shard of a stored vector does. */
export const blockSize = 8192;
const blockWords = blockSize / 32;

/** Words of one bit a user. Sets that have the same users in a block share it until one of them writes, which then makes its own. */
type Block = { readonly words: Uint32Array; isShared: boolean };

/**
 * A set of people by their numbers: one bit each, in blocks that exist only where somebody is. Numbers are given without gaps, so a set
 * never takes more than an eighth of a byte a user there is (1.25 MB of ten million), and set operations are a word at a time.
 * Sets are values: what happens to one is never seen in another.
 */
export class UserSet {
  readonly #blocks = new Map<number, Block>();

  static of(numbers: Iterable<number>): UserSet {
    const set = new UserSet();
    for (const number of numbers) set.add(number);
    return set;
  }

  static union(sets: Iterable<UserSet>): UserSet {
    const union = new UserSet();
    for (const set of sets) union.addAll(set);
    return union;
  }

  get size(): number {
    let size = 0;
    for (const { words } of this.#blocks.values()) for (let i = 0; i < blockWords; i++) size += bitsIn(words[i] as number);
    return size;
  }

  get isEmpty(): boolean {
    for (const { words } of this.#blocks.values()) if (words.some((word) => word !== 0)) return false;
    return true;
  }

  add(number: number): void {
    const words = this.#wordsAt(Math.floor(number / blockSize));
    const bit = number % blockSize;
    words[bit >>> 5] = (words[bit >>> 5] as number) | (1 << (bit & 31));
  }

  /** Adds everybody of one shard of a stored vector, whose components count from `shard * blockSize`, in place. */
  addShard(shard: number, bytes: Uint8Array): void {
    markComponents(bytes, this.#wordsAt(shard));
  }

  /** Adds everybody of another set, in place. */
  addAll(other: UserSet): void {
    for (const [index, theirs] of other.#blocks) {
      if (!this.#blocks.has(index)) {
        theirs.isShared = true;
        this.#blocks.set(index, theirs);
        continue;
      }
      const words = this.#wordsAt(index);
      for (let i = 0; i < blockWords; i++) words[i] = (words[i] as number) | (theirs.words[i] as number);
    }
  }

  has(number: number): boolean {
    const bit = number % blockSize;
    const word = this.#blocks.get(Math.floor(number / blockSize))?.words[bit >>> 5] ?? 0;
    return (word & (1 << (bit & 31))) !== 0;
  }

  intersect(other: UserSet): UserSet {
    return this.#combined(
      (index) => other.#blocks.get(index),
      (ours, theirs) => ours & theirs,
    );
  }

  /** @returns who is here and not in the other set */
  without(other: UserSet): UserSet {
    return this.#combined(
      (index) => other.#blocks.get(index) ?? emptyBlock,
      (ours, theirs) => ours & ~theirs,
    );
  }

  /** The numbers, ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (const index of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      const { words } = this.#blocks.get(index) as Block;
      for (let bit = 0; bit < blockSize; bit++) if (((words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0) yield index * blockSize + bit;
    }
  }

  #combined(theirsAt: (index: number) => Block | undefined, combine: (ours: number, theirs: number) => number): UserSet {
    const result = new UserSet();
    for (const [index, ours] of this.#blocks) {
      const theirs = theirsAt(index);
      if (theirs === undefined) continue;
      const words = new Uint32Array(blockWords);
      for (let i = 0; i < blockWords; i++) words[i] = combine(ours.words[i] as number, theirs.words[i] as number);
      result.#blocks.set(index, { words, isShared: false });
    }
    return result;
  }

  /** The words of a block, to be written to. */
  #wordsAt(index: number): Uint32Array {
    const block = this.#blocks.get(index);
    if (block !== undefined && !block.isShared) return block.words;
    const words = block === undefined ? new Uint32Array(blockWords) : block.words.slice();
    this.#blocks.set(index, { words, isShared: false });
    return words;
  }
}

const emptyBlock: Block = { words: new Uint32Array(blockWords), isShared: true };

/** Counts the bits of a word: Warren, "Hacker's Delight", 2nd edition, figure 5-2. */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
