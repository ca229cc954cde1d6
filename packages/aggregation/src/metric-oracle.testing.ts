import type { MetricQuery } from "./metric-query.ts";
import { type ComposedFacts, type EndedRoom, type Facts, factsOf, type OracleFact, type OracleWorld } from "./oracle-facts.testing.ts";
import { expectedUsers } from "./oracle-segment.testing.ts";
import { type LocalTime, localTimeOf } from "./oracle-time.testing.ts";

/**
 * What an answer must be, worked out from the definitions of the metrics alone: naive, slow, and by other means than the product's own.
 */
export type ExpectedPoint =
  | { readonly kind: "count"; readonly value: number }
  | { readonly kind: "ratio"; readonly numerator: number; readonly denominator: number }
  | { readonly kind: "duration"; readonly msSorted: readonly number[] }
  | { readonly kind: "near"; readonly value: number | null; readonly within: number };

export type ExpectedAnswer = {
  /** The labels of the buckets in order: two instants lie in one bucket when they have the same label. */
  readonly labels: readonly string[];
  readonly labelOf: (atMs: number) => string;
  /** By the values of `by`, joined by a comma: the points in order of `labels`. */
  readonly series: ReadonlyMap<string, readonly ExpectedPoint[]>;
  /** The same for the whole range; `null` where the definitions leave open what that would be. */
  readonly totals: ReadonlyMap<string, ExpectedPoint> | null;
};

export function expectedAnswer(world: OracleWorld, query: MetricQuery): ExpectedAnswer {
  const facts = onlyOfSegment(factsOf(query.metric, world), query, world);
  const labelOf = labelsOf(query);
  const labels = labelsBetween(query, labelOf);
  const { series: seriesList, totals } = seriesOfKind(facts, query, world, labels, labelOf);
  return { labels, labelOf, series: seriesList, totals };
}

/** Keeps what is of the users of the question's segment. */
function onlyOfSegment<Told extends Facts | ComposedFacts>(facts: Told, { segment, toMs }: MetricQuery, world: OracleWorld): Told {
  if (segment === undefined) return facts;
  const users = expectedUsers(segment, world, toMs);
  const kept = <Some extends { readonly facts: readonly OracleFact[] }>(some: Some) => ({
    ...some,
    facts: some.facts.filter(({ user }) => user !== null && user !== undefined && users.has(user)),
  });
  if (facts.kind === "quotient") return { ...facts, numerator: kept(facts.numerator), denominator: kept(facts.denominator) };
  if (facts.kind === "lifecycle") return { ...facts, active: kept(facts.active) };
  return kept(facts) as unknown as Told;
}

type ExpectedSeries = Pick<ExpectedAnswer, "series" | "totals">;

function seriesOfKind(
  facts: Facts | ComposedFacts,
  query: MetricQuery,
  world: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  switch (facts.kind) {
    case "quotient":
      return facts.of === "days" ? quotientOfDays(facts, query, world, labels, labelOf) : quotient(facts, query, world, labels, labelOf);
    case "lifecycle":
      return lifecycle(facts, query, world, labels, labelOf);
    case "peak":
      return peaks(facts.facts, query, labels, labelOf);
    case "satisfaction":
      return satisfaction(facts.facts, query, world, labels, labelOf);
    default:
      return plainSeries(facts, query, world, labels, labelOf);
  }
}

function presentFor({ asOfMs }: OracleWorld, isProvisional: boolean | undefined): number {
  return isProvisional ? Math.floor(asOfMs / 60_000) * 60_000 : Number.POSITIVE_INFINITY;
}

function plainSeries(
  { facts, kind, isProvisional }: Facts,
  query: MetricQuery,
  world: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const present = facts.filter(({ atMs }) => atMs < presentFor(world, isProvisional) && atMs < query.toMs);
  const seriesList = seriesOf(present, query);
  const windowDays = kind === "distinct" ? query.windowDays : 1;
  const pointsOf = (series: readonly OracleFact[]) =>
    labels.map((label) =>
      pointOf(
        kind,
        series.filter((fact) => countsIn(fact, label, windowDays, query, world, labelOf)),
      ),
    );
  const inTotal = ({ atMs }: OracleFact) =>
    windowDays === 1 ? atMs >= query.fromMs : isInWindow(atMs, windowsEndAt(query, world), windowDays, query);
  return { series: mapped(seriesList, pointsOf), totals: mapped(seriesList, (series) => pointOf(kind, series.filter(inTotal))) };
}

function mapped<From, To>(map: ReadonlyMap<string, From>, change: (value: From) => To): ReadonlyMap<string, To> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

const countOf = (point: ExpectedPoint | undefined): number => (point?.kind === "count" ? point.value : 0);

function quotient(
  { numerator, denominator }: ComposedFacts & { kind: "quotient" },
  asked: MetricQuery,
  world: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const query: MetricQuery = { ...asked, windowDays: 1 };
  const [above, below] = [numerator, denominator].map((facts) => plainSeries(facts, query, world, labels, labelOf)) as [
    ExpectedSeries,
    ExpectedSeries,
  ];
  const keys = [...new Set([...above.series.keys(), ...below.series.keys()])];
  const ratio = (a: ExpectedPoint | undefined, b: ExpectedPoint | undefined) =>
    ({ kind: "ratio", numerator: countOf(a), denominator: countOf(b) }) as const;
  return {
    series: new Map(keys.map((key) => [key, labels.map((_, i) => ratio(above.series.get(key)?.[i], below.series.get(key)?.[i]))])),
    totals: new Map(keys.map((key) => [key, ratio(above.totals?.get(key), below.totals?.get(key))])),
  };
}

function quotientOfDays(
  { denominator, windowDays }: ComposedFacts & { kind: "quotient" },
  query: MetricQuery,
  world: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const { fromMs, toMs, timeZone } = query;
  const dateOf = (atMs: number) => localTimeOf(atMs, timeZone).date;
  // Only what has begun. A clock that is set back may show the date of tomorrow before that of today.
  const begunMs = Math.min(toMs, Math.max(world.asOfMs, fromMs + 1));
  const days = labelsBetween({ ...query, toMs: begunMs, granularity: "day" }, dateOf).filter(() => world.asOfMs > fromMs);
  const bucketOf = new Map(
    days.map((day) => {
      // Any instant of the day that lies in the range.
      for (let atMs = fromMs; atMs < toMs; atMs += 15 * 60_000) if (dateOf(atMs) === day) return [day, labelOf(atMs)];
      return [day, labelOf(toMs - 1)];
    }),
  );
  const seriesList = mapped(
    seriesOf(
      denominator.facts.filter(({ atMs }) => atMs < toMs),
      query,
    ),
    (series) => {
      const distinct = (some: readonly OracleFact[]) => new Set(some.map(({ user }) => user)).size;
      const ofDay = days.map((day) => ({
        bucket: bucketOf.get(day),
        numerator: distinct(series.filter(({ atMs }) => atMs >= fromMs && dateOf(atMs) === day)),
        denominator: distinct(series.filter((fact) => countsIn(fact, day, windowDays, { ...query, granularity: "day" }, world, dateOf))),
      }));
      const sum = (some: typeof ofDay) => ({
        kind: "ratio" as const,
        numerator: some.reduce((total, day) => total + day.numerator, 0),
        denominator: some.reduce((total, day) => total + day.denominator, 0),
      });
      return { points: labels.map((label) => sum(ofDay.filter(({ bucket }) => bucket === label))), total: sum(ofDay) };
    },
  );
  return { series: mapped(seriesList, ({ points }) => points), totals: mapped(seriesList, ({ total }) => total) };
}

function lifecycle(
  { stage, active, firsts }: ComposedFacts & { kind: "lifecycle" },
  query: MetricQuery,
  { asOfMs }: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const { fromMs, toMs, granularity } = query;
  const inRange = ({ atMs }: OracleFact) => atMs >= fromMs && atMs < toMs;
  const justBefore = ({ atMs }: OracleFact) => atMs < fromMs && isInRangeBefore(atMs, query);
  const users = (some: readonly OracleFact[]) => new Set(some.map(({ user }) => user));
  const count = (now: Set<unknown>, before: Set<unknown>, fresh: Set<unknown>) => {
    if (stage === "returning") return now.intersection(before).size;
    return stage === "dormant" ? before.difference(now).size : now.difference(before).difference(fresh).size;
  };
  const seriesList = seriesOf(active.facts, query);
  // Nobody is dormant yet in what has not begun.
  const isAhead = (label: string | null) => {
    const hasBegun = label === null || granularity === "total" ? asOfMs > fromMs : labelOf(asOfMs - 1) >= label;
    return stage === "dormant" && !hasBegun;
  };
  const never = () => false;
  const point = (series: readonly OracleFact[], isNow: (fact: OracleFact) => boolean, isBefore: (fact: OracleFact) => boolean) =>
    ({
      kind: "count",
      value: count(users(series.filter(isNow)), users(series.filter(isBefore)), users(firsts.facts.filter(isNow))),
    }) as const;
  return {
    series: mapped(seriesList, (series) =>
      labels.map((label) => {
        const before = granularity === "total" ? justBefore : (fact: OracleFact) => labelOf(fact.atMs) === labelBefore(label, query);
        return point(series, (fact) => inRange(fact) && labelOf(fact.atMs) === label, isAhead(label) ? never : before);
      }),
    ),
    totals: mapped(seriesList, (series) => point(series, inRange, isAhead(null) ? never : justBefore)),
  };
}

/** As many dates before where the range is whole days, else as many milliseconds. */
function isInRangeBefore(atMs: number, { fromMs, toMs, timeZone }: MetricQuery): boolean {
  const dateOf = (someMs: number) => localTimeOf(someMs, timeZone).date;
  const [first, last] = [dateOf(fromMs), dateOf(toMs - 1)];
  if (dateOf(fromMs - 1) === first || dateOf(toMs) === last) return atMs >= fromMs - (toMs - fromMs);
  const days = (Date.parse(last) - Date.parse(first)) / 86_400_000 + 1;
  return dateOf(atMs) >= daysAfter(first, -days);
}

function labelBefore(label: string, { granularity }: MetricQuery): string {
  if (granularity === "day") return daysAfter(label, -1);
  if (granularity === "week") return daysAfter(label, -7);
  if (granularity === "month") return daysAfter(`${label}-01`, -1).slice(0, 7);
  return String(Number(label) - (granularity === "hour" ? 3_600_000 : 60_000));
}

function peaks(
  facts: readonly (OracleFact & { readonly untilMs: number })[],
  query: MetricQuery,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const { fromMs, toMs } = query;
  const minuteOf = (atMs: number) => Math.floor(atMs / 60_000);
  const stepMs = query.granularity === "minute" ? 60_000 : 15 * 60_000;
  const starts: number[] = [fromMs];
  for (let atMs = Math.floor(fromMs / stepMs) * stepMs; atMs < toMs; atMs += stepMs) starts.push(atMs);
  // Levels rise where something opens: looked at there, and where a bucket begins.
  const levelsOf = (series: typeof facts) =>
    [...new Set([...starts, ...series.map(({ atMs }) => atMs)].map(minuteOf))].flatMap((minute) => {
      const [firstMs, lastMs] = [Math.max(minute * 60_000, fromMs), Math.min(minute * 60_000 + 59_999, toMs - 1)];
      if (firstMs > lastMs) return [];
      const open = series.filter((fact) => minuteOf(fact.atMs) <= minute && minute <= minuteOf(fact.untilMs));
      return [{ level: open.length, within: [labelOf(firstMs), labelOf(lastMs)] }];
    });
  const highest = (levels: readonly { readonly level: number }[]) => ({
    kind: "count" as const,
    value: Math.max(0, ...levels.map(({ level }) => level)),
  });
  const levels = mapped(seriesOf(facts, query) as ReadonlyMap<string, typeof facts>, levelsOf);
  return {
    series: mapped(levels, (ofSeries) => labels.map((label) => highest(ofSeries.filter(({ within }) => within.includes(label))))),
    totals: mapped(levels, highest),
  };
}

function satisfaction(
  facts: readonly EndedRoom[],
  query: MetricQuery,
  world: OracleWorld,
  labels: readonly string[],
  labelOf: (atMs: number) => string,
): ExpectedSeries {
  const counted = facts.filter(({ atMs }) => atMs < presentFor(world, true) && atMs >= query.fromMs && atMs < query.toMs);
  const ofQuestion = (seriesOf(counted, { ...query, by: [] }).get("") ?? []) as readonly EndedRoom[];
  const sizeOf = ({ dimensions }: EndedRoom) => dimensions["roomSize"]?.[0];
  const usual = (size: string | undefined) => {
    const times = ofQuestion.flatMap((room) => (sizeOf(room) === size && room.timeMs !== null ? [room.timeMs] : [])).sort((a, b) => a - b);
    return times[Math.ceil(times.length / 2) - 1] as number;
  };
  const score = (rooms: readonly EndedRoom[]): ExpectedPoint => {
    if (rooms.length === 0) return { kind: "near", value: null, within: 0 };
    const sum = (amount: (room: EndedRoom) => number) => rooms.reduce((total, room) => total + amount(room), 0);
    const over = (a: number, b: number) => (b === 0 ? 0 : a / b);
    const members = sum((room) => room.members);
    const matching = rooms.filter((room) => room.agreed);
    const agreement =
      over(
        matching.reduce((total, room) => total + room.matchedLikes, 0),
        matching.reduce((total, room) => total + room.matchedVotes, 0),
      ) * over(matching.length, rooms.length);
    const timely = sum((room) => (room.timeMs === null ? 0 : room.timeMs === 0 ? 1 : 2 ** (-room.timeMs / usual(sizeOf(room)))));
    const participation = over(
      sum((room) => room.votingMembers),
      members,
    );
    const staying =
      1 -
      over(
        sum((room) => room.droppedOut),
        members,
      );
    // Times and medians are read off histograms, each within half a per cent.
    return { kind: "near", value: 35 * participation + 25 * agreement + 20 * (timely / rooms.length) + 20 * staying, within: 0.15 };
  };
  const seriesList = seriesOf(counted, query) as ReadonlyMap<string, readonly EndedRoom[]>;
  return {
    series: mapped(seriesList, (series) => labels.map((label) => score(series.filter(({ atMs }) => labelOf(atMs) === label)))),
    totals: mapped(seriesList, score),
  };
}

function seriesOf(facts: readonly OracleFact[], query: MetricQuery): ReadonlyMap<string, readonly OracleFact[]> {
  const seriesList = new Map<string, OracleFact[]>(query.by.length === 0 ? [["", []]] : []);
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
    for (const key of keys) seriesList.set(key, [...(seriesList.get(key) ?? []), fact]);
  }
  return seriesList;
}

function pointOf(kind: Facts["kind"], facts: readonly OracleFact[]): ExpectedPoint {
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
  query: MetricQuery,
  world: OracleWorld,
  labelOf: (atMs: number) => string,
): boolean {
  const { granularity, fromMs, timeZone } = query;
  if (windowDays === 1) return atMs >= fromMs && labelOf(atMs) === label;
  const endsAtMs = windowsEndAt(query, world);
  const lastDay = lastDayIn(label, granularity);
  // Of minutes, hours and the whole range the label is the instant at which they end.
  if (lastDay === null) return atMs < Number(label) && isInWindow(atMs, Math.min(Number(label), endsAtMs), windowDays, query);
  const { date } = localTimeOf(atMs, timeZone);
  const isOver = localTimeOf(endsAtMs, timeZone).date > lastDay;
  return date <= lastDay && (isOver ? date > daysAfter(lastDay, -windowDays) : isInWindow(atMs, endsAtMs, windowDays, query));
}

/** Windows end with the range or with the hour that has begun. */
function windowsEndAt({ toMs }: MetricQuery, { asOfMs }: OracleWorld): number {
  return Math.min(toMs, Math.ceil(asOfMs / 3_600_000) * 3_600_000);
}

/** Whether an instant is not before the window: one that ends with a day begins with one, any other at the same time of day. */
function isInWindow(atMs: number, endMs: number, windowDays: number, { timeZone }: MetricQuery): boolean {
  const [last, end] = [endMs - 1, endMs].map((ms) => localTimeOf(ms, timeZone)) as [LocalTime, LocalTime];
  if (end.date > last.date) return localTimeOf(atMs, timeZone).date > daysAfter(last.date, -windowDays);
  const beginning = `${daysAfter(end.date, -windowDays)} ${end.time}`;
  const shows = (ms: number) => `${localTimeOf(ms, timeZone).date} ${localTimeOf(ms, timeZone).time}` >= beginning;
  // Where clocks were set back, on a quarter of an hour, they showed a later time just before.
  const quarterMs = 15 * 60_000;
  const justBefore = Array.from({ length: 9 }, (_, i) => (Math.floor(atMs / quarterMs) - i) * quarterMs - 1);
  return [atMs, ...justBefore].some(shows);
}

function lastDayIn(label: string, granularity: MetricQuery["granularity"]): string | null {
  if (granularity === "day") return label;
  if (granularity === "week") return daysAfter(label, 6);
  return granularity === "month" ? lastDayOf(label) : null;
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
