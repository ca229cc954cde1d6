import type { StoredEvent } from "@trinity/events/event";
import { tierMs } from "../bucket.ts";
import type { Contribution } from "../contribution.ts";
import {
  type Observation,
  observation,
  type ResourceLabels,
  resourceContribution,
  resourceLabelsOf,
  scaled,
  watchedMetricOf,
} from "../resource.ts";
import type { EntityDeclaration } from "./entity-declaration.ts";

/**
 * A cumulative histogram or sum counts as its growth from one point to the next. Points arrive in any order and in any number of batches.
 * So their stream is cut into nested windows: seconds in an hour, hours in a day, days in a month of 30 days, and months. A window keeps
 * the first and last point of each of its divisions, and counts the growth between neighbouring divisions. Each growth is counted by one
 * window, across any gap, and no window reads another.
 */
const streamLevels = ["hour", "day", "month", "all"] as const;
type StreamLevel = (typeof streamLevels)[number];

const monthMs = 30 * tierMs.day;
const secondMs = 1_000;
const sizesOf: Readonly<Record<StreamLevel, { readonly windowMs: number; readonly divisionMs: number }>> = {
  hour: { windowMs: tierMs.hour, divisionMs: secondMs },
  day: { windowMs: tierMs.day, divisionMs: tierMs.hour },
  month: { windowMs: monthMs, divisionMs: tierMs.day },
  all: { windowMs: Number.POSITIVE_INFINITY, divisionMs: monthMs },
};

/** The total at an instant; a sum has no count. `counted`: whether the stream was at 0 before its first point. */
type StreamPoint = readonly [atMs: number, count: number, sumMillionths: number, counted: 0 | 1];

/** `[startMs, first, last]` of a division that has points, in order of time. */
type Division = readonly [startMs: number, first: StreamPoint, last: StreamPoint];

export type StreamWindow = ResourceLabels & {
  readonly level: StreamLevel;
  /** True for distributions, whose growth is that many observations; the growth of a sum is one. */
  readonly counts: boolean;
  readonly divisions: readonly Division[];
};

/** @returns the keys of the windows that a data point of a running total belongs to, one a level; none for any other event */
function windowKeysOf(event: StoredEvent): readonly string[] {
  const { series, state } = event.properties;
  if (typeof series !== "string" || state !== undefined || pointOf(event) === null) return noKeys;
  return streamLevels.map((level) => {
    const startMs = level === "all" ? 0 : startOf(event.timestampMs, sizesOf[level].windowMs);
    return `${series}/${level}/${String(startMs).padStart(15, "0")}`;
  });
}
const noKeys: readonly string[] = [];

function levelOfKey(key: string): StreamLevel {
  const end = key.lastIndexOf("/");
  return key.slice(key.lastIndexOf("/", end - 1) + 1, end) as StreamLevel;
}

function startOf(atMs: number, sizeMs: number): number {
  return Math.floor(atMs / sizeMs) * sizeMs;
}

function pointOf(event: StoredEvent): StreamPoint | null {
  if (watchedMetricOf(event) === undefined) return null;
  const { value, count, sum, startMs } = event.properties as Readonly<Record<string, number | undefined>>;
  const total = value ?? sum;
  const millionths = total === undefined ? null : scaled(event, total, 1e6);
  if (millionths === null || (value === undefined && count === undefined)) return null;
  return [event.timestampMs, value === undefined ? (count as number) : 0, millionths, startMs === undefined ? 0 : 1];
}

function mergeWindow(before: StreamWindow | undefined, event: StoredEvent, level: StreamLevel): StreamWindow {
  const point = pointOf(event) as StreamPoint;
  const startMs = startOf(point[0], sizesOf[level].divisionMs);
  const window = before ?? { ...resourceLabelsOf(event), level, counts: event.properties.value === undefined, divisions: [] };
  const { divisions } = window;
  const place = divisions.findLastIndex(([divisionMs]) => divisionMs <= startMs);
  const division = divisions[place];
  if (division === undefined || division[0] !== startMs) {
    return { ...window, divisions: divisions.toSpliced(place + 1, 0, [startMs, point, point]) };
  }
  const [, first, last] = division;
  const [newFirst, newLast] = [level === "hour" ? later(point, first) : firstOf(point, first), later(point, last)];
  if (newFirst === first && newLast === last) return window;
  return { ...window, divisions: divisions.with(place, [startMs, newFirst, newLast]) };
}

// Two points of one instant are ordered by their values, so that their order of arrival does not matter.
function later(a: StreamPoint, b: StreamPoint): StreamPoint {
  const [difference] = a.map((value, index) => value - (b[index] as number)).filter((each) => each !== 0);
  return (difference ?? 0) > 0 ? a : b;
}

/** The last point of the earliest second: of one second only the last point counts, in all windows. */
function firstOf(a: StreamPoint, b: StreamPoint): StreamPoint {
  const [secondOfA, secondOfB] = [startOf(a[0], secondMs), startOf(b[0], secondMs)];
  if (secondOfA === secondOfB) return later(a, b);
  return secondOfA < secondOfB ? a : b;
}

function contributionsOfWindow(window: StreamWindow): readonly Contribution[] {
  const { divisions, level, counts } = window;
  return divisions.flatMap(([, first], index) => {
    const before = divisions[index - 1]?.[2];
    if (before === undefined && level !== "all") return [];
    const growth = growthBetween(before, first, counts);
    return growth === null ? [] : [resourceContribution(window, first[0], growth)];
  });
}

/** A total that fell was reset to 0. Before the first point it was 0, or it is unknown. */
function growthBetween(before: StreamPoint | undefined, [, count, sum, counted]: StreamPoint, counts: boolean): Observation | null {
  if (before === undefined && counted === 0) return null;
  const [, countBefore, sumBefore] = before ?? [0, 0, 0];
  const isReset = count < countBefore || sum < sumBefore;
  const grown = isReset ? { count, sumMillionths: sum } : { count: count - countBefore, sumMillionths: sum - sumBefore };
  return observation(counts ? grown.count : 1, grown.sumMillionths);
}

export const streamEntity: EntityDeclaration<StreamWindow> = {
  storedKind: "stream",
  subject: "resource",
  partOf: null,
  rowsAre: "observations",
  clusterOf: (key) => key,
  ownerOf: () => null,
  keysOf: windowKeysOf,
  merge: (before, event, { key }) => mergeWindow(before, event, levelOfKey(key)),
  contributions: contributionsOfWindow,
  // Each growth is at the point that begins a division.
  contributesWithinMs: 0,
};
