/** An instant to the nanosecond in two exact integers: Unix milliseconds, and the nanoseconds within that millisecond (0 to 999,999). */
export type UnixNanos = { readonly ms: number; readonly nanos: number };

export const epoch: UnixNanos = { ms: 0, nanos: 0 };

const yearEnd9999Ms = 253_402_300_799_999;

/**
 * From a 64-bit count of nanoseconds in two halves of 32 bits.
 * 2^32 ns are 4294 ms and 967,296 ns, and both products stay below 2^53: no BigInt, no lost digit.
 */
export function nanosFromHalves(high: number, low: number): UnixNanos {
  const rest = high * 967_296 + low;
  const carriedMs = Math.floor(rest / 1_000_000);
  return { ms: high * 4_294 + carriedMs, nanos: rest - carriedMs * 1_000_000 };
}

/** @param digits an unsigned decimal of 64 bits without sign or leading zeros */
export function nanosFromDecimal(digits: string): UnixNanos {
  return { ms: Number(digits.slice(0, -6)), nanos: Number(digits.slice(-6)) };
}

export function isUnset(time: UnixNanos): boolean {
  return time.ms === 0 && time.nanos === 0;
}

/** @returns whether a year of four digits can express it: a later time is a fault of the sender's clock or arithmetic */
export function isWithinYear9999(time: UnixNanos): boolean {
  return time.ms <= yearEnd9999Ms;
}

/** @returns whole microseconds from `start` to `end`, rounded down; negative when `end` is before `start` */
export function durationUsBetween(start: UnixNanos, end: UnixNanos): number {
  return (end.ms - start.ms) * 1_000 + Math.floor((end.nanos - start.nanos) / 1_000);
}

/** The instant as a decimal count of nanoseconds: the same text for the same instant in both encodings. */
export function nanosText(time: UnixNanos): string {
  return time.ms === 0 ? String(time.nanos) : `${time.ms}${String(time.nanos).padStart(6, "0")}`;
}
