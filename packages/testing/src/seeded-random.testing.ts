import type { Random } from "@trinity/runtime/random";

/** Numbers in [0, 1), the same from the same seed (Mulberry32, T. Ettinger, 2017): 32 bits of state are enough for traffic, not for secrets. */
export function seededRandom(seed: number): Random {
  const uint32 = seededUint32(seed);
  return () => uint32() / 2 ** 32;
}

/** Choices that a seed decides, so that a run can be repeated. */
export type SeededChoice = {
  /** 32 uniform bits as an unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1). */
  unit(): number;
  /** Uniform integer in `[0, size)`. */
  below(size: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
};

export function seededChoice(seed: number): SeededChoice {
  const uint32 = seededUint32(seed);
  const unit = () => uint32() / 2 ** 32;
  const below = (size: number) => Math.floor(unit() * size);
  return { uint32, unit, below, chance: (probability) => unit() < probability, pick: (values) => values[below(values.length)] as never };
}

function seededUint32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** RFC 9562 UUIDv7, as a tracker makes its event ids. */
export function uuidV7(atMs: number, choice: SeededChoice): string {
  const time = atMs.toString(16).padStart(12, "0");
  const [a, b, c] = [hex(choice), hex(choice), hex(choice)];
  const variant = "89ab"[choice.below(4)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a.slice(0, 3)}-${variant}${a.slice(3, 6)}-${b}${c.slice(0, 4)}`;
}

/** RFC 9562 UUIDv4. */
export function uuidV4(choice: SeededChoice): string {
  const [a, b, c, d] = [hex(choice), hex(choice), hex(choice), hex(choice)];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${"89ab"[choice.below(4)]}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

function hex(choice: SeededChoice): string {
  return choice.uint32().toString(16).padStart(8, "0");
}
