import { tierMs } from "@trinity/aggregation/bucket";
import { clockDimensions } from "@trinity/aggregation/dimension";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";

/**
 * Slots of equal length from `startMs` on. A boundary of the sub-query between its first and its last is the start of a slot, so that all
 * events of a slot count in the same windows.
 */
export type Slots = { readonly startMs: number; readonly lengthMs: number };

const slotsMax = 200_000;
/** The local hour changes only at such instants, as long as offsets are multiples of it. */
const clockMs = 15 * tierMs.minute;

/**
 * @param hasWholeQuarters asked only where hours of the clock matter: it looks at every day
 * @returns the longest such slots; null if they would be too many, or if local hours do not begin with quarters of an hour
 */
export function slotsOf({ boundaries, by, filters }: SubQueryPlan, hasWholeQuarters: () => boolean): Slots | null {
  const [fromMs, toMs] = [boundaries[0] as number, boundaries.at(-1) as number];
  const inner = boundaries.slice(1, -1);
  const isClocked = [...by, ...filters.map(({ dimension }) => dimension)].some((name) => clockDimensions.has(name));
  if (isClocked && !hasWholeQuarters()) return null;
  const anchorMs = inner[0] ?? (isClocked ? 0 : fromMs);
  const lengthMs = [...inner.map((atMs) => atMs - anchorMs), ...(isClocked ? [clockMs, anchorMs] : [])].reduce(greatestDivisor, 0);
  if (lengthMs === 0) return inner.length === 0 ? allInOne : { startMs: anchorMs - longMs, lengthMs: longMs };
  if ((toMs - fromMs) / lengthMs > slotsMax) return null;
  return { startMs: anchorMs - Math.ceil((anchorMs - fromMs) / lengthMs) * lengthMs, lengthMs };
}

/** Longer than any range. */
const longMs = 2 ** 50;
const allInOne: Slots = { startMs: -longMs, lengthMs: 2 * longMs };

/** @returns the number of the slot of a fact, in SQL */
export function slotSql({ startMs, lengthMs }: Slots): string {
  return lengthMs === allInOne.lengthMs ? "0" : `((atMs - ${startMs}) // ${lengthMs})::INTEGER`;
}

/** @returns whether each of the longer slots consists of some of the others */
export function areParts(parts: Slots, { startMs, lengthMs }: Slots): boolean {
  if (lengthMs === allInOne.lengthMs) return true;
  return lengthMs % parts.lengthMs === 0 && (startMs - parts.startMs) % parts.lengthMs === 0;
}

export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}
