/** Chance that a seed decides, so that a run can be made again. */
export type Random = {
  /** 32 uniform bits as an unsigned integer. */
  uint32(): number;
  /** Uniform integer in `[0, size)`. */
  below(size: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
};

/** Mulberry32: its 32 bits of state are enough for traffic, not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const unit = () => uint32() / 2 ** 32;
  const below = (size: number) => Math.floor(unit() * size);
  return { uint32, below, chance: (probability) => unit() < probability, pick: (values) => values[below(values.length)] as never };
}

/** RFC 9562 UUIDv7, as a tracker makes its event ids. */
export function uuidV7(atMs: number, random: Random): string {
  const time = atMs.toString(16).padStart(12, "0");
  const [a, b, c] = [hex(random), hex(random), hex(random)];
  const variant = "89ab"[random.below(4)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a.slice(0, 3)}-${variant}${a.slice(3, 6)}-${b}${c.slice(0, 4)}`;
}

function hex(random: Random): string {
  return random.uint32().toString(16).padStart(8, "0");
}
