import type { AccumulatedSeries, GroupKey } from "../accumulator.ts";
import { AmountSum } from "../amount-sum.ts";
import { valueSeparator } from "../cell.ts";
import { unknownValue } from "../dimension.ts";
import { binsMax, quantileOf, valueOfBin } from "../histogram.ts";
import { dimensionsWithClock, type Measure } from "../measure.ts";
import { roomEndComponent as component } from "../measures/room-measures.ts";
import type { MetricValue } from "../metric-value.ts";
import type { ResolvedQuery } from "../resolved-query.ts";
import { factRows } from "../rows/rows-of-number.ts";
import type { Calculation } from "./calculation.ts";

/** The parts of the score, with their weights. */
const satisfactionWeights = { participation: 0.35, agreement: 0.25, timeliness: 0.2, staying: 0.2 } as const;

/** How the score is computed; every answer carries it. */
export const satisfactionFormula = [
  "score = 100 (0.35 participation + 0.25 agreement + 0.20 timeliness + 0.20 staying), over the rooms that ended",
  "participation = members who voted / members",
  "agreement = likes / votes on the titles that matched, times the share of rooms that ended in consensus",
  "timeliness = sum over rooms in consensus of 2^(-t / m) / rooms that ended; t = time to consensus, m = median of t over rooms of the same size in the whole range asked for",
  "staying = 1 - members who dropped out / members",
].join("; ");

/** The satisfaction score of rooms that ended. */
export function satisfaction(measure: Measure): Calculation<"ended" | "endedBySize"> {
  return {
    description: "score; the answer contains its parts and its formula",
    measures: [measure],
    dimensions: dimensionsWithClock(measure),
    parameter: null,
    finestGranularity: "minute",
    isAdditive: false,
    emptyValue: { value: null, count: 0 },
    formula: satisfactionFormula,
    kind: () => "score",
    subQueries: ({ query, buckets, total }) => {
      const { by, filters } = query;
      const ended = { reads: "amounts", measure, componentsBelow: component.timeBin0 + binsMax, filters, total } as const;
      const bySize = by.includes("roomSize") ? by : [...by, "roomSize" as const];
      return [
        { name: "ended", ...ended, by: bySize, windows: buckets },
        { name: "endedBySize", ...ended, by: ["roomSize"], windows: [total] },
      ];
    },
    series: (resolved, sums) => {
      const bySize = sums.amounts("endedBySize").series();
      const medians = new Map(bySize.map(({ by, total }) => [by.roomSize, quantileOf(total, component.timeBin0, 0.5)]));
      const report = (sizes: readonly SizedSum[]) => satisfactionOf(sizes, medians);
      return seriesWithoutSize(resolved, sums.amounts("ended").series()).map(({ key, by, sizes }) => ({
        key,
        by,
        points: resolved.buckets.map((_, i) => report(sizes.map(({ size, series }) => ({ size, sum: series.windows[i] as AmountSum })))),
        total: report(sizes.map(({ size, series }) => ({ size, sum: series.total }))),
      }));
    },
    rows: (plan) => factRows(plan, "ended", "count", { components: [component.rooms] }),
  };
}

export type SizedSum = { readonly size: string; readonly sum: AmountSum };
type SizedSeries = { readonly size: string; readonly series: AccumulatedSeries<AmountSum> };

/** Joins the series of all room sizes, by the dimensions of the query. */
function seriesWithoutSize({ query }: ResolvedQuery, seriesList: readonly AccumulatedSeries<AmountSum>[]) {
  const joined = new Map<string, { readonly key: string; readonly by: GroupKey; readonly sizes: SizedSeries[] }>();
  if (query.by.length === 0) joined.set("", { key: "", by: {}, sizes: [] });
  for (const series of seriesList) {
    const values = query.by.map((name) => series.by[name] as string);
    const key = values.join(valueSeparator);
    let entry = joined.get(key);
    if (entry === undefined)
      joined.set(key, (entry = { key, by: Object.fromEntries(query.by.map((name, i) => [name, values[i]])), sizes: [] }));
    entry.sizes.push({ size: series.by.roomSize ?? unknownValue, series });
  }
  return [...joined.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * @param sizes the sums of room ends, by room size
 * @param medians the median time to consensus by room size, in milliseconds
 */
export function satisfactionOf(sizes: readonly SizedSum[], medians: ReadonlyMap<string | undefined, number | null>): MetricValue {
  const all = AmountSum.sumOf(sizes.map(({ sum }) => sum));
  const timely = sizes.reduce((sum, size) => sum + timelinessOf(size.sum, medians.get(size.size) ?? null), 0);
  const amount = (at: number) => all.at(at);
  const rooms = amount(component.rooms);
  if (rooms === 0) return { value: null, count: 0 };
  const over = (numerator: number, denominator: number) => (denominator === 0 ? 0 : numerator / denominator);
  const members = amount(component.members);
  const parts = {
    participation: over(amount(component.votingMembers), members),
    agreement: over(amount(component.matchedLikes), amount(component.matchedVotes)) * over(amount(component.consensus), rooms),
    timeliness: timely / rooms,
    staying: 1 - over(amount(component.droppedOut), members),
  };
  const weighted = Object.entries(satisfactionWeights).reduce(
    (score, [name, weight]) => score + weight * parts[name as keyof typeof parts],
    0,
  );
  return { value: 100 * weighted, count: rooms, parts };
}

/** @returns the sum of 2^(-t / median) over the timed rooms of a sum; a room that agreed at once counts 1 whatever the median */
function timelinessOf(sum: AmountSum, medianMs: number | null): number {
  let timely = 0;
  sum.forEachIn(component.timeBin0, component.timeBin0 + binsMax, (at, rooms) => {
    const ms = valueOfBin(at - component.timeBin0);
    timely += rooms * (ms === 0 ? 1 : 2 ** (-ms / (medianMs as number)));
  });
  return timely;
}
