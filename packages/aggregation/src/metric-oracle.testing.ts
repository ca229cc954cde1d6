import type { MetricQuery } from "./metric-query.ts";
import { factsOf, type OracleFact, type OracleWorld } from "./oracle-facts.testing.ts";
import { localTimeOf } from "./oracle-time.testing.ts";

/**
 * What an answer must be, worked out from the definitions of the metrics alone: naive, slow, and by other means than the product's own.
 */
export type ExpectedPoint =
  | { readonly kind: "count"; readonly value: number }
  | { readonly kind: "ratio"; readonly numerator: number; readonly denominator: number }
  | { readonly kind: "duration"; readonly msSorted: readonly number[] };

export type ExpectedAnswer = {
  /** The labels of the buckets in order: two instants lie in one bucket when they have the same label. */
  readonly labels: readonly string[];
  readonly labelOf: (atMs: number) => string;
  /** By the values of `by`, joined by a comma: the points in order of `labels`. */
  readonly lines: ReadonlyMap<string, readonly ExpectedPoint[]>;
  /** The same for the whole range; `null` where the definitions leave open what that would be. */
  readonly totals: ReadonlyMap<string, ExpectedPoint> | null;
};

export function expectedAnswer(world: OracleWorld, query: MetricQuery): ExpectedAnswer {
  const { facts, kind, settlesAhead } = factsOf(query.metric, world);
  const presentMs = settlesAhead ? Math.floor(world.asOfMs / 60_000) * 60_000 : Number.POSITIVE_INFINITY;
  const present = facts.filter(({ atMs }) => atMs < presentMs && atMs < query.toMs);
  const lines = linesOf(present, query);
  const labelOf = labelsOf(query);
  const labels = labelsBetween(query, labelOf);
  const windowDays = kind === "distinct" ? query.windowDays : 1;
  const pointsOf = (line: readonly OracleFact[]) =>
    labels.map((label) =>
      pointOf(
        kind,
        line.filter((fact) => countsIn(fact, label, windowDays, query, labelOf)),
      ),
    );
  const inTotal = totalOf(windowDays, query);
  return {
    labels,
    labelOf,
    lines: new Map([...lines].map(([key, line]) => [key, pointsOf(line)])),
    totals: inTotal && new Map([...lines].map(([key, line]) => [key, pointOf(kind, line.filter(inTotal))])),
  };
}

function linesOf(facts: readonly OracleFact[], query: MetricQuery): ReadonlyMap<string, readonly OracleFact[]> {
  const lines = new Map<string, OracleFact[]>(query.by.length === 0 ? [["", []]] : []);
  for (const fact of facts) {
    const valuesOf = (name: string) => {
      const { hourOfDay, weekday } = localTimeOf(fact.atMs, query.timeZone);
      return { ...fact.dimensions, hourOfDay: [hourOfDay], weekday: [weekday] }[name] ?? ["unknown"];
    };
    const passes = query.filters.every(
      ({ dimension, values, negated }) => values.some((value) => valuesOf(dimension).includes(value)) !== negated,
    );
    if (!passes) continue;
    const [first, second] = query.by;
    const firsts = first === undefined ? [""] : valuesOf(first);
    const keys = second === undefined ? firsts : firsts.flatMap((value) => valuesOf(second).map((other) => `${value},${other}`));
    for (const key of keys) lines.set(key, [...(lines.get(key) ?? []), fact]);
  }
  return lines;
}

function pointOf(kind: ReturnType<typeof factsOf>["kind"], facts: readonly OracleFact[]): ExpectedPoint {
  const sum = (amount: (fact: OracleFact) => number | undefined) => facts.reduce((total, fact) => total + (amount(fact) ?? 0), 0);
  if (kind === "distinct") return { kind: "count", value: new Set(facts.map(({ user }) => user)).size };
  if (kind === "count") return { kind: "count", value: sum(({ count }) => count) };
  if (kind === "ratio")
    return { kind: "ratio", numerator: sum(({ numerator }) => numerator), denominator: sum(({ denominator }) => denominator) };
  return { kind: "duration", msSorted: facts.flatMap(({ durationsMs = [] }) => durationsMs).sort((a, b) => a - b) };
}

function countsIn(
  { atMs }: OracleFact,
  label: string,
  windowDays: number,
  { granularity, fromMs, timeZone }: MetricQuery,
  labelOf: (atMs: number) => string,
): boolean {
  if (windowDays === 1) return atMs >= fromMs && labelOf(atMs) === label;
  const { date } = localTimeOf(atMs, timeZone);
  if (granularity === "day") return date <= label && date > daysAfter(label, -windowDays);
  if (granularity === "week") return date <= daysAfter(label, 6) && date > daysAfter(label, 6 - windowDays);
  if (granularity === "month") return date.slice(0, 7) <= label && date > daysAfter(lastDayOf(label), -windowDays);
  // Only asked in UTC, where every day has 24 hours: the label is the instant at which the bucket ends.
  return atMs < Number(label) && atMs >= Number(label) - windowDays * 86_400_000;
}

function totalOf(windowDays: number, { fromMs, toMs, timeZone }: MetricQuery): ((fact: OracleFact) => boolean) | null {
  if (windowDays === 1) return ({ atMs }) => atMs >= fromMs;
  if (timeZone === "UTC") return ({ atMs }) => atMs >= toMs - windowDays * 86_400_000;
  const to = localTimeOf(toMs, timeZone);
  if (to.time !== "00:00:00.000") return null;
  return ({ atMs }) => localTimeOf(atMs, timeZone).date >= daysAfter(to.date, -windowDays);
}

function labelsOf({ granularity, timeZone, toMs }: MetricQuery): (atMs: number) => string {
  const dateOf = (atMs: number) => localTimeOf(atMs, timeZone).date;
  const endOf = (sizeMs: number) => (atMs: number) => String((Math.floor(atMs / sizeMs) + 1) * sizeMs);
  return {
    minute: endOf(60_000),
    hour: endOf(3_600_000),
    day: dateOf,
    week: (atMs: number) => daysAfter(dateOf(atMs), 1 - Number(localTimeOf(atMs, timeZone).weekday)),
    month: (atMs: number) => dateOf(atMs).slice(0, 7),
    total: () => String(toMs),
  }[granularity];
}

function labelsBetween({ granularity, fromMs, toMs }: MetricQuery, labelOf: (atMs: number) => string): readonly string[] {
  const stepMs = granularity === "minute" ? 60_000 : 15 * 60_000;
  const labels = new Set<string>();
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) labels.add(labelOf(atMs));
  return [...labels.add(labelOf(toMs - 1))];
}

function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

function lastDayOf(month: string): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
