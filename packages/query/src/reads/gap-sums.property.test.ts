import type { Accumulator } from "@trinity/aggregation/accumulator";
import { accumulatorsFor } from "@trinity/aggregation/accumulators";
import type { AmountSum } from "@trinity/aggregation/amount-sum";
import { calendarOf } from "@trinity/aggregation/calendar";
import type { Contribution } from "@trinity/aggregation/contribution";
import type { Measure } from "@trinity/aggregation/measure";
import { measures } from "@trinity/aggregation/measure-catalogue";
import type { SubQueryPlan } from "@trinity/aggregation/sub-query";
import { joinTimeRanges } from "@trinity/aggregation/time-range";
import { UserSet } from "@trinity/aggregation/user-set";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GapSums } from "./gap-sums.ts";

const names = ["vote", "user_activity"];
const lastMs = 40;

const anyFact = fc.record({
  measure: fc.constantFrom(...names, "match"),
  atMs: fc.integer({ min: -2, max: lastMs + 2 }),
  amounts: fc.array(
    fc.tuple(
      fc.nat(5),
      fc.integer({ min: -1, max: 3 }).filter((n) => n !== 0),
    ),
    { minLength: 1, maxLength: 2 },
  ),
});

const anySubQuery = fc.record({
  measure: fc.constantFrom(...names),
  boundaries: fc.uniqueArray(fc.nat(lastMs), { minLength: 2, maxLength: 5 }),
  gaps: fc.option(fc.array(fc.tuple(fc.nat(lastMs), fc.nat(9)), { maxLength: 3 }), { nil: null }),
  componentsBelow: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
});
type AnySubQuery = typeof anySubQuery extends fc.Arbitrary<infer Found> ? Found : never;

function subQueryOf({ measure: name, boundaries: unsorted, gaps, componentsBelow }: AnySubQuery): SubQueryPlan {
  const measure = measures.find((one) => one.name === name) as Measure;
  const boundaries = unsorted.toSorted((a, b) => a - b);
  const windows = boundaries.slice(1).map((countToMs, i) => ({ countFromMs: boundaries[i] as number, countToMs }));
  const total = { countFromMs: boundaries[0] as number, countToMs: boundaries.at(-1) as number };
  const ranges = joinTimeRanges((gaps ?? []).map(([fromMs, lengthMs]) => ({ fromMs, toMs: fromMs + lengthMs })));
  const [set] = measure.sets;
  const source =
    gaps === null || set === undefined ? ({ kind: "log" } as const) : { kind: "rollups" as const, set, ranges: [], gaps: ranges };
  const reads = measure.components === "users" ? "users" : "amounts";
  const below = componentsBelow === undefined ? {} : { componentsBelow };
  return { name: "all", reads, measure, ...below, by: [], filters: [], windows, total, boundaries, source };
}

function sumsOf(accumulator: Accumulator) {
  const amountsOf = (sum: AmountSum) => {
    const amounts: number[] = [];
    sum.forEachIn(0, 10, (component, amount) => amounts.push(component, amount));
    return amounts;
  };
  const shown = (sum: unknown) => (sum instanceof UserSet ? [...sum] : amountsOf(sum as AmountSum));
  const series = accumulator.series().map(({ windows, total }) => ({ windows: windows.map(shown), total: shown(total) }));
  return { isEmpty: accumulator.isEmpty, series };
}

test("Feature: analytics-system, Property 2: metrics aggregation consistency - facts of gaps that are added up first count as each of them by itself", () => {
  let counted = 0;
  fc.assert(
    fc.property(
      fc.array(anySubQuery, { minLength: 1, maxLength: 4 }),
      fc.array(anyFact, { minLength: 10, maxLength: 30 }),
      (asked, facts) => {
        const plan = { subQueries: asked.map(subQueryOf), calendar: calendarOf("UTC") };
        const [summed, each] = [accumulatorsFor(plan), accumulatorsFor(plan)];
        const sums = new GapSums(summed);
        for (const { measure, atMs, amounts: pairs } of facts) {
          // A user who acted is in the set, however often.
          const amounts = pairs.flatMap(([component, amount]) => [component, measure === "user_activity" ? 1 : amount]);
          sums.add(measure, atMs, amounts);
          const contribution: Contribution = { measure, atMs, dimensions: { platform: "web" }, amounts };
          for (const accumulator of each) accumulator.addContribution(contribution);
        }
        sums.addUp();
        expect(summed.map(sumsOf)).toEqual(each.map(sumsOf));
        counted += each.filter(({ isEmpty }) => !isEmpty).length;
      },
    ),
    { numRuns: 500 },
  );
  expect(counted).toBeGreaterThan(300);
});
