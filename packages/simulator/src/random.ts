import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A choice of weighted values: `[value, weight]`, weights of any positive sum. */
export type Weighted<T> = readonly (readonly [value: T, weight: number])[];

/**
 * Chance that a seed decides: the same key gives the same draws on every machine.
 * Only operations that every engine rounds alike are used (`Math.exp` and `Math.log` are fdlibm in V8, never `Math.pow`).
 */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;
  #spareNormal: number | undefined;

  /** @param key names the stream; all 128 bits of the state come from it, so that no two keys share a stream by accident */
  constructor(...key: readonly (string | number)[]) {
    const digest = createHash("sha256").update(key.join("|")).digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  }

  /** Uniform in `[0, 1)`. */
  unit(): number {
    return uniformFloat64(this.#generator);
  }

  /** 32 uniform bits as an unsigned integer. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** Uniform integer in `[0, size)`. */
  below(size: number): number {
    return Math.floor(this.unit() * size);
  }

  /** Uniform in `[from, to)`. */
  between(from: number, to: number): number {
    return from + this.unit() * (to - from);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** @throws {RangeError} when there is nothing to pick from */
  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  }

  /** @throws {RangeError} when the choice is empty */
  weighted<T>(choice: Weighted<T>): T {
    let rest = this.unit() * choice.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of choice) {
      rest -= weight;
      if (rest < 0) return value;
    }
    const last = choice.at(-1);
    if (last === undefined) throw new RangeError("nothing to choose from");
    return last[0];
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  /** Standard normal by the polar method (Marsaglia and Bray 1964), which needs no cosine. */
  normal(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    if (spare !== undefined) return spare;
    for (;;) {
      const x = 2 * this.unit() - 1;
      const y = 2 * this.unit() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = y * factor;
      return x * factor;
    }
  }

  /** @param sigma standard deviation of the logarithm; p95 is `median * exp(1.645 * sigma)` */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** A rank in `[0, size)` of a Zipf law, by inverting its continuous envelope. @param exponent not 1 */
  zipf(size: number, exponent: number): number {
    const power = 1 - exponent;
    const span = Math.exp(power * Math.log(size + 1)) - 1;
    return Math.min(size - 1, Math.floor(Math.exp(Math.log(1 + this.unit() * span) / power)) - 1);
  }

  /** @returns a shuffled copy (Fisher and Yates) */
  shuffled<T>(values: readonly T[]): T[] {
    const copy = [...values];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
    }
    return copy;
  }
}
