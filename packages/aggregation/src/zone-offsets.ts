import { bucketStart, tierMs } from "./bucket.ts";

/** By how much local time is ahead of UTC in one time zone. */
export type ZoneOffsets = {
  /** @returns the offset at an instant, in milliseconds */
  at(atMs: number): number;
  /** @returns the instants in `(fromMs, toMs]` from which another offset holds, ascending */
  changes(fromMs: number, toMs: number): readonly number[];
};

export const utcOffsets: ZoneOffsets = { at: () => 0, changes: () => [] };

/**
 * Offsets as the runtime's IANA database has them, each UTC day looked up once. A day has at most one change, at any second.
 * @throws {RangeError} for a time zone that the database does not know
 */
export function zoneOffsets(timeZone: string): ZoneOffsets {
  const lookUp = offsetLookup(timeZone);
  const atStart = remembered(lookUp);
  const changeIn = remembered((dayMs) => {
    const before = atStart(dayMs);
    return before === atStart(dayMs + tierMs.day) ? null : firstSecond(dayMs, dayMs + tierMs.day, (atMs) => lookUp(atMs) !== before);
  });
  return {
    at(atMs) {
      const dayMs = bucketStart("day", atMs);
      const changeMs = changeIn(dayMs);
      return changeMs === null || atMs < changeMs ? atStart(dayMs) : atStart(dayMs + tierMs.day);
    },
    changes(fromMs, toMs) {
      const changes: number[] = [];
      for (let dayMs = bucketStart("day", fromMs); dayMs <= toMs; dayMs += tierMs.day) {
        const changeMs = changeIn(dayMs);
        if (changeMs !== null && changeMs > fromMs && changeMs <= toMs) changes.push(changeMs);
      }
      return changes;
    },
  };
}

const yearHundredMs = Date.UTC(100, 0, 2);

function offsetLookup(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (askedMs) => {
    // Local mean time since ever. Years are written with fewer digits, or counted backwards, before.
    const atMs = Math.max(askedMs, yearHundredMs);
    const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  };
}

function remembered<Value>(lookUp: (dayMs: number) => Value): (dayMs: number) => Value {
  const known = new Map<number, Value>();
  return (dayMs) => {
    let value = known.get(dayMs);
    if (value === undefined) known.set(dayMs, (value = lookUp(dayMs)));
    return value;
  };
}

/** @returns the first second after `beforeMs` at which something holds that holds at `throughMs` */
function firstSecond(beforeMs: number, throughMs: number, holds: (atMs: number) => boolean): number {
  let [low, high] = [beforeMs / 1000, throughMs / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle * 1000)) high = middle;
    else low = middle;
  }
  return high * 1000;
}
