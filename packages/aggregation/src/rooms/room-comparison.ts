import type { MetricAnswer } from "../answer.ts";
import type { Metric } from "../metric.ts";
import { findMetric } from "../metric-catalogue.ts";
import type { MetricValue } from "../metric-value.ts";
import { falseDiscoveryAdjusted } from "../statistics/false-discovery.ts";
import { type ProportionDifference, proportionDifference } from "../statistics/two-proportions.ts";
import { byValue } from "../value-order.ts";
import { type RoomMetricName, roomMetricNames } from "./room-overview.ts";
import type { RoomDimension } from "./room-scope.ts";

/** The metrics of the rooms with one value. */
export type RoomGroup = {
  readonly value: string;
  readonly metrics: Readonly<Record<RoomMetricName, MetricValue>>;
  /** The consensus rate less that of all other rooms; `null` where either has none that ended. P-values are adjusted over the groups. */
  readonly consensusAgainstOthers: (ProportionDifference & { readonly adjustedPValue: number }) | null;
};

/**
 * Puts rooms of each value of a dimension beside all others.
 * @param answers each metric by the dimension; `rooms_ended` is not broken down by ending
 * @param consensus the consensus rate of all rooms: where rooms have several genres, the groups sum to more than it
 */
export function compareRooms(
  dimension: RoomDimension,
  answers: Readonly<Record<RoomMetricName, MetricAnswer>>,
  consensus: MetricValue,
): readonly RoomGroup[] {
  const totals = roomMetricNames.map(
    (name) => [name, new Map(answers[name].totals.map(({ by, ...total }) => [by[dimension], total]))] as const,
  );
  const values = [...new Set(totals.flatMap(([, seriesList]) => [...seriesList.keys()]))].map(String).sort(byValue);
  const groups = values.map((value) => {
    const metrics = Object.fromEntries(totals.map(([name, seriesList]) => [name, seriesList.get(value) ?? emptyValueOf(answers[name])]));
    return { value, metrics: metrics as Record<RoomMetricName, MetricValue> };
  });
  const differences = groups.map(({ metrics: { consensus_rate: own } }) => againstOthers(own, consensus));
  const tested = differences.filter((difference) => difference !== null);
  const adjusted = falseDiscoveryAdjusted(tested.map(({ pValue }) => pValue));
  return groups.map((group, i) => {
    const difference = differences[i] ?? null;
    if (difference === null) return { ...group, consensusAgainstOthers: null };
    return { ...group, consensusAgainstOthers: { ...difference, adjustedPValue: adjusted[tested.indexOf(difference)] as number } };
  });
}

function againstOthers(own: MetricValue, all: MetricValue): ProportionDifference | null {
  const [successes = 0, trials = 0] = [own.numerator, own.denominator];
  return proportionDifference(
    { successes, trials },
    { successes: (all.numerator ?? 0) - successes, trials: (all.denominator ?? 0) - trials },
  );
}

/** The value of a group of which a metric counted nothing. */
function emptyValueOf({ metric }: MetricAnswer): MetricValue {
  return (findMetric(metric) as Metric).calculation.emptyValue;
}
