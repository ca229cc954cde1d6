import { clockDimensions, multiValued } from "./dimension.ts";
import { histogramRelativeError } from "./histogram.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import { dimensionsOfMetric, type Metric } from "./metric.ts";
import { metricCatalogue, metricFamilies } from "./metric-catalogue.ts";
import { statistics } from "./metric-query.ts";
import { quotedValueRule } from "./quoted-value.ts";
import { userAttributes } from "./segment.ts";

/** @returns the page `docs/metrics.md`: the definition, dimensions and rollups of every metric, from the catalogue */
export function renderReferencePage(): string {
  const sections = metricFamilies.flatMap(({ title, metrics }) => [`## ${title}`, ...metrics.map(metricSection)]);
  return `${[introduction, ...sections].join("\n\n")}\n`;
}

const introduction = `# Metrics

This page is generated from the metric catalogue (\`packages/aggregation\`) by \`npm run reference -w @trinity/aggregation\`; a test fails if the two differ.

${metricCatalogue.length} metrics. All are queried in the same way: by a range \`[from, to)\`, a granularity, up to two dimensions to break down by, filters and a time zone.

- A fact counts at the time it happened. Buckets are half-open. Days, ISO weeks and months are those of the time zone; minutes and hours are those of UTC.
- A day starts at the first instant of its date, even if clocks skip or repeat midnight. Windows and periods count dates. A date that the time zone skipped has a length of 0.
- A window of 7 or 30 days ends with its bucket, or with \`to\` or the current hour if that is earlier. So the monthly active users of the current month are those of the last 30 days. Such a bucket is marked \`partial\`.
- A count without facts is 0. A ratio or a duration without facts is null. The answer contains the numerator and denominator of a ratio, and the 95 % Wilson interval of a share.
- A duration is given as ${statistics.map(code).join(", ")}. Quantiles are nearest-rank, with a relative error of at most ${histogramRelativeError * 100} %. Means and distinct counts are exact.
- A fact without a value in a dimension counts under \`unknown\`, so the values add up to the total. Only by ${[...multiValued].map(code).join(", ")} can a fact count under several values.
- ${[...clockDimensions].map(code).join(" and ")} (1 is Monday) are those of the time zone. Every metric except concurrent sessions has them.
- Metrics whose facts each belong to a user can be limited to a \`segment\` of users, such as \`platform:android & !(activityTier:heavy | cohort:2026-W47)\`: attributes are ${userAttributes.map(code).join(", ")}.
- A filter is \`dimension:value[,value]\`, with \`!\` in front to exclude. ${quotedValueRule} In a segment, a value with a blank or one of \`& | ! ( ) , :\` must be in double quotes.
- A filter or segment for an impossible value (\`weekday:8\`, \`cohort:2026-W54\`) is an error. Senders choose the values of the other dimensions: a value that no sender has sent counts 0.
- \`compare=previous\` adds the range before, with the same number of months, days or milliseconds. If the range is not over yet, the range before is cut at the same point, so both have the same length.
- Rollups exist for the total, for each dimension and for the pairs listed below. Any other combination is computed from the log: the value is the same, but it takes longer.
- Privacy: *people* metrics distinguish users, *aggregate* metrics sum over them, *system* metrics are about machines.`;

function metricSection(metric: Metric): string {
  const { name, unit, definition, privacy, calculation, isProvisional } = metric;
  const sets = sharedSets(calculation.measures);
  const facts = [
    ["Unit", code(unit)],
    ["Kind", calculation.description],
    ["Privacy", `*${privacy}*`],
    ["Dimensions", listOf(dimensionsOfMetric(metric).filter((dimension) => !clockDimensions.has(dimension)))],
    ["Pairs with rollups", listOf(pairsOf(sets))],
    ["Finest rollup", finestOf(sets)],
    ...(isProvisional === true ? [["Provisional", "counts up to the current minute; rooms that are open may still end differently"]] : []),
  ];
  return [`### ${name}`, definition, ["| | |", "| --- | --- |", ...facts.map((fact) => `| ${fact.join(" | ")} |`)].join("\n")].join("\n\n");
}

/** @returns the dimension sets that all measures of a metric have, with their common tiers: other queries read the log */
function sharedSets([first, ...others]: readonly [Measure, ...Measure[]]): readonly DimensionSet[] {
  return others.reduce<readonly DimensionSet[]>(
    (shared, { sets }) =>
      shared.flatMap((set) => {
        const same = sets.find(({ dimensions }) => dimensions.join() === set.dimensions.join());
        return same === undefined ? [] : [{ ...set, tiers: set.tiers.filter((tier) => same.tiers.includes(tier)) }];
      }),
    first.sets,
  );
}

function pairsOf(sets: readonly DimensionSet[]): readonly string[] {
  return sets.filter(({ dimensions }) => dimensions.length === 2).map(({ dimensions }) => dimensions.join(" + "));
}

// The finest tier of the set without dimensions; a set with coarser tiers is named with its finest tier.
function finestOf(sets: readonly DimensionSet[]): string {
  const finest = sets[0]?.tiers[0] ?? "none";
  const coarser = sets
    .filter(({ tiers }) => tiers[0] !== finest)
    .map(({ dimensions, tiers }) => `; by ${code(dimensions.join(" + "))} the ${tiers[0]}`);
  return `the ${finest}${coarser.join("")}`;
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map(code).join(", ");
}

function code(text: string): string {
  return `\`${text}\``;
}
