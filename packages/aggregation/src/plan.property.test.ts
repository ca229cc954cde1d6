import { unwrap } from "@trinity/runtime/result";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Tier, tierMs } from "./bucket.ts";
import { clockDimensions } from "./dimension.ts";
import { isReadByTime } from "./measure.ts";
import { type Plan, planQuery } from "./plan.ts";
import type { RollupSource, SubQueryPlan } from "./sub-query.ts";
import type { TimeRange } from "./time-range.ts";
import { anyQuery } from "./world-arbitrary.testing.ts";

const anyMinutesFromMs = fc.oneof(
  fc.integer({ min: -4, max: 4 }).map((days) => days * tierMs.day),
  fc.integer({ min: -2 * tierMs.day, max: 2 * tierMs.day }),
  fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
);
const anyPlan = fc.record({ asked: anyQuery, minutes: anyMinutesFromMs, presentDay: fc.integer({ min: -1, max: 31 }) }).map((one) => {
  const { aroundMs, query } = one.asked;
  const minutesFromMs = aroundMs + one.minutes;
  const plan: Plan = unwrap(planQuery(query, { asOfMs: aroundMs + one.presentDay * tierMs.day + 1, minutesFromMs }));
  return { plan, minutesFromMs };
});

type Mixed = SubQueryPlan & { readonly source: RollupSource };

function fromCells({ subQueries }: Plan): readonly Mixed[] {
  return subQueries.filter((subQuery): subQuery is Mixed => subQuery.source.kind === "rollups");
}

/** The tiers of which all facts of a bucket count alike: those within one hour and day of the clock, if it is asked for. */
function usableTiers({ calendar, query }: Plan, { by, filters, boundaries }: SubQueryPlan, tiers: readonly Tier[]): readonly Tier[] {
  const clocked = [...by, ...filters.map(({ dimension }) => dimension)].filter((name) => clockDimensions.has(name));
  if (clocked.length === 0 || (query.timeZone === "UTC" && !clocked.includes("hourOfDay"))) return tiers;
  const hours = calendar.hasWholeHours(boundaries[0] as number, boundaries.at(-1) as number);
  return tiers.filter((tier) => tier === "minute" || (tier === "hour" && hours));
}

/** @returns the whole buckets of the tiers, that are kept, in a range which no boundary cuts */
function bucketsIn({ fromMs, toMs }: TimeRange, tiers: readonly Tier[], minutesFromMs: number): readonly Tier[] {
  return tiers.filter((tier) => {
    const startMs = Math.ceil((tier === "minute" ? Math.max(fromMs, minutesFromMs) : fromMs) / tierMs[tier]) * tierMs[tier];
    return startMs + tierMs[tier] <= toMs;
  });
}

/** @returns the intervals between two boundaries within a range */
function cut({ fromMs, toMs }: TimeRange, boundaries: readonly number[]): readonly TimeRange[] {
  const ends = [fromMs, ...boundaries.filter((atMs) => atMs > fromMs && atMs < toMs), toMs];
  return ends.slice(1).map((end, i) => ({ fromMs: ends[i] as number, toMs: end }));
}

test("ranges and gaps cover all between the first and the last boundary, each instant once", () => {
  let mixed = 0;
  fc.assert(
    fc.property(anyPlan, ({ plan }) => {
      for (const { source, boundaries } of fromCells(plan)) {
        const reads = [...source.ranges, ...source.gaps].sort((a, b) => a.fromMs - b.fromMs);
        expect([...reads.map(({ fromMs }) => fromMs), boundaries.at(-1)]).toEqual([boundaries[0], ...reads.map(({ toMs }) => toMs)]);
        for (const { fromMs, toMs } of reads) expect(fromMs).toBeLessThan(toMs);
        for (const { fromMs } of source.gaps) expect(source.gaps.some(({ toMs }) => toMs === fromMs)).toBe(false);
        if (source.gaps.length > 0) mixed += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  expect(mixed).toBeGreaterThan(200);
});

test("ranges are of whole buckets that are kept, and no boundary cuts a bucket", () => {
  fc.assert(
    fc.property(anyPlan, ({ plan, minutesFromMs }) => {
      for (const subQuery of fromCells(plan)) {
        const { ranges, set } = subQuery.source;
        for (const { tier, fromMs, toMs } of ranges) {
          expect(usableTiers(plan, subQuery, set.tiers)).toContain(tier);
          const ends = [fromMs, ...subQuery.boundaries.filter((atMs) => atMs > fromMs && atMs < toMs), toMs];
          expect(ends.filter((atMs) => atMs % tierMs[tier] !== 0)).toEqual([]);
          if (tier === "minute") expect(fromMs).toBeGreaterThanOrEqual(minutesFromMs);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test("no whole bucket that is kept lies in a gap between two boundaries", () => {
  fc.assert(
    fc.property(anyPlan, ({ plan, minutesFromMs }) => {
      for (const subQuery of fromCells(plan)) {
        const { gaps, set } = subQuery.source;
        const tiers = usableTiers(plan, subQuery, set.tiers);
        for (const gap of gaps)
          for (const interval of cut(gap, subQuery.boundaries)) expect(bucketsIn(interval, tiers, minutesFromMs)).toEqual([]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("only the log is read where no bucket helps, or where reading a part of it costs as much", () => {
  let read = 0;
  fc.assert(
    fc.property(anyPlan, ({ plan, minutesFromMs }) => {
      for (const subQuery of plan.subQueries) {
        const { source, measure, boundaries, by, filters } = subQuery;
        const total = measure.sets.find(({ dimensions }) => dimensions.length === 0);
        if (source.kind !== "log" || by.length + filters.length > 0 || total === undefined || !isReadByTime(measure.origin)) continue;
        read += 1;
        for (const interval of cut({ fromMs: boundaries[0] as number, toMs: boundaries.at(-1) as number }, boundaries))
          expect(bucketsIn(interval, total.tiers, minutesFromMs)).toEqual([]);
      }
    }),
    { numRuns: 4_000 },
  );
  expect(read).toBeGreaterThan(10);
});
