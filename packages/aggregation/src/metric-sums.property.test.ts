import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Accumulator } from "./accumulator.ts";
import { AmountSum } from "./amount-sum.ts";
import { bucketStart, tierMs } from "./bucket.ts";
import type { Granularity } from "./calendar.ts";
import { multiValued } from "./dimension.ts";
import { FoldedWorld, question } from "./folded-world.testing.ts";
import { dimensionsOfMetric } from "./metric.ts";
import { findMetric, metricCatalogue } from "./metric-catalogue.ts";
import { UserSet } from "./user-set.ts";
import { anyWorld, anyWorldAndQuery, type World } from "./world-arbitrary.testing.ts";

// Many worlds and questions take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

/** A time at which no bucket of any tier begins, most of the time. */
const anyOddMs = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 59 }).map((minutes) => minutes * tierMs.minute),
  fc.nat(tierMs.hour),
);

function folded({ folds }: World): FoldedWorld {
  return folds.reduce((world, { chunks, foldedAtMs }) => world.fold(chunks, foldedAtMs), new FoldedWorld());
}

type Sum = AmountSum | UserSet;

/** The sum of amounts, and the union of users. */
function merged(sums: readonly Sum[]): readonly unknown[] {
  const users = UserSet.union(sums.filter((sum) => sum instanceof UserSet));
  const amounts: unknown[] = [];
  AmountSum.sumOf(sums.filter((sum) => sum instanceof AmountSum)).forEachIn(0, Number.POSITIVE_INFINITY, (...entry) => amounts.push(entry));
  return [...users, ...amounts];
}

const finerFirst: readonly Granularity[] = ["minute", "hour", "day", "week", "month", "total"];

/** Metrics whose first sub-query counts each bucket separately: its sums merge, whatever the metric computes from them. */
const mergeable = metricCatalogue.filter(({ calculation: { measures } }) => measures.length === 1);

test("Feature: analytics-system, Property 2: metrics aggregation consistency - for every metric, the sums of minutes, hours, days, weeks and months merge to the sums of the complete range", () => {
  fc.assert(
    fc.property(anyWorld, fc.integer({ min: -30, max: 30 }), fc.integer({ min: 1, max: 60 }), anyOddMs, (world, fromHour, hours, oddMs) => {
      const cells = folded(world);
      const fromMs = bucketStart("hour", world.aroundMs) + fromHour * tierMs.hour + oddMs;
      for (const { name } of mergeable) {
        const query = question({ metric: name, fromMs, toMs: fromMs + hours * tierMs.hour });
        const wholes = finerFirst.map((granularity) => {
          const [accumulator] = cells.accumulator({ ...query, granularity }, world.asOfMs).accumulators;
          return (accumulator as Accumulator)
            .series()
            .map(({ key, windows, total }) => ({ key, total: merged([total]), merged: merged(windows) }));
        });
        for (const seriesList of wholes) {
          expect({ name, series: seriesList }).toEqual({ name, series: wholes.at(-1) });
          for (const series of seriesList) expect({ name, merged: series.merged }).toEqual({ name, merged: series.total });
        }
      }
    }),
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - the peak of a range is the highest of the peaks of its minutes, hours and days", () => {
  fc.assert(
    fc.property(anyWorld, fc.integer({ min: -30, max: 30 }), fc.integer({ min: 1, max: 40 }), (world, fromHour, hours) => {
      const cells = folded(world);
      const fromMs = bucketStart("hour", world.aroundMs) + fromHour * tierMs.hour;
      const query = question({ metric: "concurrent_sessions", fromMs, toMs: fromMs + hours * tierMs.hour });
      for (const granularity of finerFirst) {
        const { series, totals } = cells.answer({ ...query, granularity }, world.asOfMs);
        expect(Math.max(...(series[0]?.points.map(({ value }) => value ?? 0) ?? []))).toBe(totals[0]?.value);
      }
    }),
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - every user of the period before is returning or dormant, and every active user is returning, resurrected or new", () => {
  fc.assert(
    fc.property(anyWorld, fc.integer({ min: -3, max: 3 }), (world, fromDay) => {
      const cells = folded(world);
      const fromMs = bucketStart("day", world.aroundMs) + fromDay * tierMs.day;
      const valueOf = (metric: string, shiftMs = 0) => {
        const query = question({ metric, fromMs: fromMs + shiftMs, toMs: fromMs + shiftMs + tierMs.day });
        return cells.answer(query, world.asOfMs).totals[0]?.value ?? 0;
      };
      const [active, before] = [valueOf("active_users"), valueOf("active_users", -tierMs.day)];
      // Before a day begins, no user is dormant in it.
      if (fromMs < world.asOfMs) expect(valueOf("returning_users") + valueOf("dormant_users")).toBe(before);
      else expect(valueOf("dormant_users")).toBe(0);
      expect(active - valueOf("returning_users") - valueOf("resurrected_users")).toBeGreaterThanOrEqual(0);
      expect(active - valueOf("returning_users") - valueOf("resurrected_users")).toBeLessThanOrEqual(valueOf("new_users"));
    }),
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - the sums by the values of every single-valued dimension merge to the total, distinct users by union", () => {
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const cells = folded(world);
      const metric = findMetric(query.metric);
      const wholes = cells.accumulator({ ...query, by: [] }, world.asOfMs).accumulators;
      // A score is always computed by room size.
      if (metric === undefined || metric.calculation.formula !== undefined) return;
      for (const dimension of dimensionsOfMetric(metric).filter((name) => !multiValued.has(name))) {
        const parts = cells.accumulator({ ...query, by: [dimension] }, world.asOfMs).accumulators;
        for (const [i, accumulator] of wholes.entries()) {
          const [whole] = accumulator.series();
          const seriesList = (parts[i] as Accumulator).series();
          expect(merged(seriesList.map(({ total }) => total as Sum))).toEqual(merged([whole?.total as Sum]));
          for (const [n, window] of (whole?.windows ?? []).entries())
            expect(merged(seriesList.map(({ windows }) => windows[n] as Sum))).toEqual(merged([window]));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("Feature: analytics-system, Property 2: metrics aggregation consistency - the numerators, denominators and counts of the points of an answer add up to its totals", () => {
  fc.assert(
    fc.property(anyWorldAndQuery, ({ world, query }) => {
      const { series, totals } = folded(world).answer({ ...query, statistic: "mean" }, world.asOfMs);
      if (!findMetric(query.metric)?.calculation.isAdditive) return;
      for (const [i, { points }] of series.entries()) {
        const total = totals[i];
        const sumOf = (amount: (point: (typeof points)[number]) => number | null | undefined) =>
          points.reduce((whole, point) => whole + (amount(point) ?? 0), 0);
        if (total?.denominator !== undefined) {
          expect(sumOf(({ numerator }) => numerator)).toBe(total.numerator);
          expect(sumOf(({ denominator }) => denominator)).toBe(total.denominator);
        } else if (total?.count !== undefined) {
          expect(sumOf(({ count }) => count)).toBe(total.count);
          expect(sumOf(({ value, count }) => (value ?? 0) * (count ?? 0))).toBeCloseTo((total.value ?? 0) * total.count, 3);
        } else expect(sumOf(({ value }) => value)).toBe(total?.value);
      }
    }),
    { numRuns: 300 },
  );
});
