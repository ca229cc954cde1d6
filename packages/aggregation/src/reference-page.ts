import { clockDimensions, multiValued } from "./dimension.ts";
import { histogramRelativeError } from "./histogram.ts";
import type { DimensionSet, Measure } from "./measure.ts";
import { dimensionsOfMetric, type Metric } from "./metric.ts";
import { metricCatalogue, metricFamilies } from "./metric-catalogue.ts";
import { statistics } from "./metric-query.ts";
import { quotedValueRule } from "./quoted-value.ts";
import { userAttributes } from "./segment.ts";

/** @returns the page `docs/metrics.md`: what every number means and what it can be asked by, as the code reads it */
export function renderReferencePage(): string {
  const sections = metricFamilies.flatMap(({ title, metrics }) => [`## ${title}`, ...metrics.map(metricSection)]);
  return `${[introduction, ...sections].join("\n\n")}\n`;
}

const introduction = `# Metrics

This page is written from the metric catalogue (\`packages/aggregation\`) by \`npm run reference -w @trinity/aggregation\`; a test fails when the two differ.

${metricCatalogue.length} metrics, all asked in the same way: a range \`[from, to)\`, a granularity, up to two dimensions to break down by, filters, a time zone.

- A number counts facts by when they happened. Buckets are half-open; days, ISO weeks and months are those of the time zone, minutes and hours those of UTC.
- A day starts at the first instant with its date, also when the clocks skip or repeat midnight. Windows and periods count dates. A date that the time zone skipped lasts no time.
- A window of 7 or 30 days ends with its bucket, or with \`to\` or the present hour if that is earlier. So this month's monthly active users are those of the last 30 days. Such a bucket is marked \`partial\`.
- A count of nothing is 0. A ratio or a duration over nothing is null. A ratio carries its numerator and denominator, and a share its 95 % Wilson interval.
- A duration is shown as its ${statistics.map(code).join(", ")}. Quantiles are by nearest rank and within ${histogramRelativeError * 100} % of the truth; means and distinct counts are exact.
- A fact without a value in a dimension counts under \`unknown\`, so that the values sum to the whole. Only by ${[...multiValued].map(code).join(", ")} may one fact count under several.
- ${[...clockDimensions].map(code).join(" and ")} (1 is Monday) are those of the time zone, and go with every metric but concurrent sessions.
- Numbers about users can be asked for a \`segment\` of them, such as \`platform:android & !(activityTier:heavy | cohort:2026-W47)\`: attributes are ${userAttributes.map(code).join(", ")}.
- A filter is \`dimension:value[,value]\`, with \`!\` in front to exclude. ${quotedValueRule} In a segment, blanks and all signs need quotes.
- A filter or segment for a value that nothing can have (\`weekday:8\`, \`cohort:2026-W54\`) is refused. Senders choose the values of the other dimensions: what none has sent counts 0.
- \`compare=previous\` adds the range just before, with the same number of months, days or milliseconds. If the range is not over yet, the range before ends at the same point, so both are equally long.
- Rollups are kept for the whole, for each dimension and for the pairs named below. Any other combination is computed from the log: the same number, later.
- Privacy: in *people* numbers persons are told apart, *aggregate* numbers sum over them, *system* numbers are about machines.`;

function metricSection(metric: Metric): string {
  const { name, unit, definition, privacy, calculation, isProvisional } = metric;
  const sets = sharedSets(calculation.measures);
  const facts = [
    ["Unit", code(unit)],
    ["Kind", calculation.description],
    ["Privacy", `*${privacy}*`],
    ["Dimensions", listOf(dimensionsOfMetric(metric).filter((dimension) => !clockDimensions.has(dimension)))],
    ["Pairs kept", listOf(pairsOf(sets))],
    ["Finest rollup", finestOf(sets)],
    ...(isProvisional === true ? [["Present", "counts up to the minute of the present: what is open may still end otherwise"]] : []),
  ];
  return [`### ${name}`, definition, ["| | |", "| --- | --- |", ...facts.map((fact) => `| ${fact.join(" | ")} |`)].join("\n")].join("\n\n");
}

/** @returns the sets that every measure of a metric keeps, with the tiers that all of them have: other questions read the log */
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

// By the whole; a set that is kept less finely is named with what it has.
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
