import {
  inferredSessions,
  needsOrder,
  PathCount,
  type PathQuery,
  type PathStep,
  pathOf,
  rangeOfPaths,
  type StepLabel,
} from "@trinity/aggregation/path";
import type { TimeRange } from "@trinity/aggregation/time-range";
import { contextWhere } from "./context-where.ts";
import type { ListPage, Parameters, Statement } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { productEventsIn } from "./event-type-sql.ts";
import { forEachList, sorted } from "./list-page.ts";
import type { ColumnsQuestion, LogColumns } from "./log-columns.ts";
import { type TimedKinds, timedKinds } from "./timed-kinds.ts";

/**
 * Counts paths: SQL finds the events of each session, `pathOf` decides what they are. Few paths depend on the order of events of one instant, so
 * it is read only for those, and only at these instants.
 * @returns null where columns cannot be read
 * @throws {EngineError}
 */
export async function countPaths(
  columns: LogColumns,
  { query, asOfMs, throughSeq }: { readonly query: PathQuery; readonly asOfMs: number; readonly throughSeq: number },
  signal?: AbortSignal,
): Promise<PathCount | null> {
  const range = rangeOfPaths(query, asOfMs);
  if (!(range.fromMs < range.toMs)) return new PathCount(query);
  const question = { table: eventTable, throughSeq, ranges: [range] };
  const found = await columns.read({ ...question, statement: (rows) => namesStatement(query, range, rows) }, signal);
  if (found === null) return null;
  const names = (found[0] ?? []) as readonly string[];
  if (names.length === 0) return new PathCount(query);
  const labels = labelsOf(names);
  const timed = timedKinds(range, labels.length);
  if (timed === null) return null;
  const count = new PathCount(query);
  const parts = await columns.partsOf(question);
  for (let part = 0; part < parts; part++) {
    const ofPart = await countPart(columns, question, { query, range, timed, names, labels, part, parts }, signal);
    if (ofPart === null) return null;
    count.include(ofPart);
  }
  return count;
}

/** @returns the paths of some of the sessions; null where columns cannot be read */
async function countPart(
  columns: LogColumns,
  question: Omit<ColumnsQuestion, "statement">,
  asked: AskedSteps,
  signal: AbortSignal | undefined,
): Promise<PathCount | null> {
  const { query, timed, labels } = asked;
  const groups = await columns.readLists(
    { ...question, statement: (rows) => allSteps(asked, rows) },
    () => new GroupsByTime(query, timed, labels),
    signal,
  );
  if (groups === null) return null;
  for (const batch of groups.batches()) {
    const tied = await columns.readLists(
      { ...question, statement: (rows) => tiedSteps(asked, batch, rows) },
      () => new TiedSteps(),
      signal,
    );
    if (tied === null || !groups.decide(batch, tied)) return null;
  }
  return groups.count;
}

/** By kind: a kind is the number of the name, from 1 (0 without a name), twice, and 1 more if the event passes the filters. */
function labelsOf(names: readonly string[]): readonly StepLabel[] {
  return [null, ...names].flatMap((name) => [
    { name, passes: false },
    { name, passes: true },
  ]);
}

const nameSql = { eventType: "eventType", screen: "CASE WHEN eventType = 'screen_view' THEN screen END" } as const;

function namesStatement({ by }: PathQuery, range: TimeRange, rows: string): Statement {
  return {
    sql: `SELECT DISTINCT name FROM (SELECT ${nameSql[by]} AS name FROM ${rows} WHERE ${productEventsIn(range)}) WHERE name IS NOT NULL`,
  };
}

type AskedSteps = {
  readonly query: PathQuery;
  readonly range: TimeRange;
  readonly timed: TimedKinds;
  readonly names: readonly string[];
  readonly labels: readonly StepLabel[];
  /** Which of how many parts of the sessions, from 0. */
  readonly part: number;
  readonly parts: number;
};

/** The events of a session id are a group, and those of a user without one. Two session ids may have one number, but hardly ever do. */
const groupSql = "if(sessionId IS NULL, -1 - owner, (hash(sessionId) >> 11)::DOUBLE)";

function allSteps(asked: AskedSteps, rows: string): Statement {
  return { sql: byGroup("list(timed)", stepsSql(asked, rows)), parameters: namesOf(asked) };
}

/** The events at some instants of some groups, each with its place among them. */
function tiedSteps(asked: AskedSteps, groups: readonly UndecidedGroup[], rows: string): Statement {
  const place = `row_number() OVER (PARTITION BY sessionId, owner ORDER BY atMs, orderNumber, eventId) - 1`;
  const wanted = "SELECT unnest($groups::JSON::DOUBLE[]) AS wantedGroup, unnest($times::JSON::BIGINT[]) AS wantedMs";
  const events = `SELECT *, ${place} AS place FROM (${stepsSql(asked, rows)}) JOIN (${wanted}) ON ${groupSql} = wantedGroup AND atMs = wantedMs`;
  const pairs = groups.flatMap(({ number, tiedMs }) => tiedMs.map((atMs) => ({ number, atMs })));
  const parameters = {
    ...namesOf(asked),
    groups: JSON.stringify(pairs.map(({ number }) => number)),
    times: JSON.stringify(pairs.map(({ atMs }) => atMs)),
  };
  return { sql: byGroup("flatten(list([place, timed]))", events), parameters };
}

/** A parameter, because they may be many: in the text of a statement 50,000 would take two seconds. */
function namesOf({ names }: AskedSteps): Parameters {
  return { names: JSON.stringify(names) };
}

function stepsSql({ query, range, timed, part, parts }: AskedSteps, rows: string): string {
  const isOfPart = parts === 1 ? "" : `AND hash(coalesce(sessionId, userNumber::VARCHAR)) % ${parts} = ${part}`;
  const kind = `(2 * coalesce(number, 0) + (${contextWhere(query.filters)})::INTEGER)`;
  const named = "(SELECT unnest($names::JSON::VARCHAR[]) AS name, generate_subscripts($names::JSON::VARCHAR[], 1) AS number) AS named";
  return `
    SELECT *, if(sessionId IS NULL, userNumber, NULL) AS owner, ${timed.sql(kind)} AS timed FROM ${rows} LEFT JOIN ${named} ON name = ${nameSql[query.by]}
    WHERE ${productEventsIn(range)} AND (sessionId IS NOT NULL OR userNumber IS NOT NULL) ${isOfPart}`;
}

function byGroup(list: string, events: string): string {
  return `SELECT ${groupSql}, ${list} FROM (${events}) GROUP BY sessionId, owner`;
}

/** A group whose paths depend on the order of events of one instant. */
type UndecidedGroup = {
  readonly number: number;
  /** Its events, in order of time. */
  readonly list: Float64Array;
  /** The instants with events of several kinds. */
  readonly tiedMs: readonly number[];
};

/** Counts the groups of which no path depends on the order of events of one instant, and keeps the others. */
class GroupsByTime {
  readonly count: PathCount;
  readonly #undecided: UndecidedGroup[] = [];
  readonly #query: PathQuery;
  readonly #timed: TimedKinds;
  readonly #labels: readonly StepLabel[];
  readonly #steps: { atMs: number; label: StepLabel }[] = [];

  constructor(query: PathQuery, timed: TimedKinds, labels: readonly StepLabel[]) {
    this.count = new PathCount(query);
    this.#query = query;
    this.#timed = timed;
    this.#labels = labels;
  }

  take(page: ListPage): void {
    forEachList(page, (number, unsorted) => {
      const list = sorted(unsorted);
      const sessions = this.#sessionsOf(number, list);
      if (sessions.some((session) => needsOrder(session, this.#query)))
        // A copy, because the list is a part of its page.
        this.#undecided.push({ number, list: list.slice(), tiedMs: this.#tiedMs(list) });
      else for (const session of sessions) this.count.add(pathOf(session, this.#query));
    });
  }

  /** The groups that were kept, so many at once that their instants fit in a statement. */
  *batches(): Generator<readonly UndecidedGroup[]> {
    let batch: UndecidedGroup[] = [];
    let ties = 0;
    for (const group of this.#undecided) {
      batch.push(group);
      ties += group.tiedMs.length;
      if (ties < tiesAtOnce) continue;
      yield batch;
      [batch, ties] = [[], 0];
    }
    if (batch.length > 0) yield batch;
  }

  /** @returns false if two groups have the same number; then some were not counted */
  decide(groups: readonly UndecidedGroup[], { byGroup, isAmbiguous }: TiedSteps): boolean {
    if (isAmbiguous || byGroup.size < groups.length) return false;
    for (const { number, list } of groups) {
      const ordered = inOrder(list, byGroup.get(number) as Float64Array, this.#timed);
      for (const session of this.#sessionsOf(number, ordered)) this.count.add(pathOf(session, this.#query));
    }
    return true;
  }

  /** The sessions of the next group use the same objects: to make one for each event takes longer than all else. */
  #sessionsOf(number: number, list: Float64Array): readonly (readonly PathStep[])[] {
    const { atMsOf, kindOf } = this.#timed;
    for (let i = 0; i < list.length; i++) {
      const timed = list[i] as number;
      const step = (this.#steps[i] ??= { atMs: 0, label: noLabel });
      step.atMs = atMsOf(timed);
      step.label = this.#labels[kindOf(timed)] as StepLabel;
    }
    const steps = this.#steps.slice(0, list.length);
    return number < 0 ? inferredSessions(steps) : [steps];
  }

  #tiedMs(list: Float64Array): readonly number[] {
    const { atMsOf } = this.#timed;
    const tied = new Set<number>();
    for (let i = 1; i < list.length; i++) {
      const atMs = atMsOf(list[i] as number);
      if (list[i] !== list[i - 1] && atMs === atMsOf(list[i - 1] as number)) tied.add(atMs);
    }
    return [...tied];
  }
}

const tiesAtOnce = 200_000;
const noLabel: StepLabel = { name: null, passes: false };

/** By group, the events of instants whose order was asked for, in order. */
class TiedSteps {
  readonly byGroup = new Map<number, Float64Array>();
  isAmbiguous = false;

  take(page: ListPage): void {
    forEachList(page, (number, list) => {
      this.isAmbiguous ||= this.byGroup.has(number);
      const numbers = new Float64Array(list.length / 2);
      for (let i = 0; i < list.length; i += 2) numbers[list[i] as number] = list[i + 1] as number;
      this.byGroup.set(number, numbers);
    });
  }
}

/** @returns the events of a group with those of some instants in order */
function inOrder(list: Float64Array, tied: Float64Array, { atMsOf }: TimedKinds): Float64Array {
  let next = 0;
  return list.map((one) => (next < tied.length && atMsOf(tied[next] as number) === atMsOf(one) ? (tied[next++] as number) : one));
}
