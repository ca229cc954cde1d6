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
import { contextWhere } from "./context-where.ts";
import { daysOf } from "./days-of.ts";
import type { ListPage, Parameters, Statement } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { isProductEvent } from "./event-type-sql.ts";
import { forEachList, sorted } from "./list-page.ts";
import type { ColumnsQuestion, LogColumns } from "./log-columns.ts";
import { type MutableStep, type PackedSteps, packedSteps } from "./packed-steps.ts";

/**
 * Counts paths: SQL finds the events of each session, `pathOf` decides what they are. Few paths depend on the ids of events that have one instant
 * and order number, so ids are read only for those, and only at these instants.
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
  const found = await columns.read({ ...question, statement: (rows) => namesStatement(query, rows) }, signal);
  if (found === null) return null;
  const names = (found[0] ?? []) as readonly string[];
  if (names.length === 0) return new PathCount(query);
  const labels = labelsOf(names);
  const steps = packedSteps(range, labels);
  if (steps === null) return null;
  const count = new PathCount(query);
  const parts = await columns.partsOf(question);
  for (let part = 0; part < parts; part++) {
    const ofPart = await countPart(columns, question, { query, steps, names, part, parts }, signal);
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
  const { query, steps } = asked;
  const groups = await columns.readLists(
    { ...question, statement: (rows) => allSteps(asked, rows) },
    () => new GroupsByTime(query, steps),
    signal,
  );
  if (groups === null) return null;
  for (const batch of groups.batches()) {
    const tied = await columns.readLists(
      { ...question, ranges: daysOf(batch.flatMap(({ tiedMs }) => tiedMs)), statement: (rows) => tiedSteps(asked, batch, rows) },
      () => new TiedSteps(),
      signal,
    );
    if (tied === null || !groups.decide(batch, tied)) return null;
  }
  return groups.count;
}

/** At twice the number of the name, from 1 (0 without a name), and 1 more if the event passes the filters. */
function labelsOf(names: readonly string[]): readonly StepLabel[] {
  return [null, ...names].flatMap((name) => [
    { name, passes: false },
    { name, passes: true },
  ]);
}

const nameSql = { eventType: "eventType", screen: "CASE WHEN eventType = 'screen_view' THEN screen END" } as const;

/** Also names of other times: to leave them out takes four times as long. */
function namesStatement({ by }: PathQuery, rows: string): Statement {
  return { sql: `SELECT DISTINCT name FROM (SELECT ${nameSql[by]} AS name FROM ${rows} WHERE ${isProductEvent}) WHERE name IS NOT NULL` };
}

type AskedSteps = {
  readonly query: PathQuery;
  readonly steps: PackedSteps;
  readonly names: readonly string[];
  /** Which of how many parts of the sessions, from 0. */
  readonly part: number;
  readonly parts: number;
};

/** The events of a session id are a group, and those of a user without one. Two session ids may have one number, but hardly ever do. */
const groupSql = "if(sessionId IS NULL, -1 - owner, (hash(sessionId) >> 11)::DOUBLE)";

function allSteps(asked: AskedSteps, rows: string): Statement {
  return { sql: byGroup("list(step)", stepsSql(asked, eventsSql(asked, rows))), parameters: namesOf(asked) };
}

/** The events at some instants of some groups, in order. */
function tiedSteps(asked: AskedSteps, groups: readonly UndecidedGroup[], rows: string): Statement {
  const wanted = "SELECT unnest($groups::JSON::DOUBLE[]) AS wantedGroup, unnest($times::JSON::BIGINT[]) AS wantedMs";
  const events = `SELECT * FROM (${eventsSql(asked, rows)}) JOIN (${wanted}) ON ${groupSql} = wantedGroup AND atMs = wantedMs`;
  const pairs = groups.flatMap(({ number, tiedMs }) => tiedMs.map((atMs) => ({ number, atMs })));
  const parameters = {
    ...namesOf(asked),
    groups: JSON.stringify(pairs.map(({ number }) => number)),
    times: JSON.stringify(pairs.map(({ atMs }) => atMs)),
  };
  return { sql: byGroup("list(step ORDER BY atMs, orderNumber, eventId)", stepsSql(asked, events)), parameters };
}

/** A parameter, because they may be many: in the text of a statement 50,000 would take two seconds. */
function namesOf({ names }: AskedSteps): Parameters {
  return { names: JSON.stringify(names) };
}

function eventsSql({ part, parts }: AskedSteps, rows: string): string {
  const isOfPart = parts === 1 ? "" : `AND hash(coalesce(sessionId, userNumber::VARCHAR)) % ${parts} = ${part}`;
  return `
    SELECT *, if(sessionId IS NULL, userNumber, NULL) AS owner FROM ${rows}
    WHERE ${isProductEvent} AND (sessionId IS NOT NULL OR userNumber IS NOT NULL) ${isOfPart}`;
}

function stepsSql({ query, steps }: AskedSteps, events: string): string {
  const label = `(2 * coalesce(number, 0) + (${contextWhere(query.filters)})::INTEGER)`;
  const named = "(SELECT unnest($names::JSON::VARCHAR[]) AS name, generate_subscripts($names::JSON::VARCHAR[], 1) AS number) AS named";
  return `SELECT *, ${steps.sql(label)} AS step FROM (${events}) LEFT JOIN ${named} ON name = ${nameSql[query.by]}`;
}

function byGroup(list: string, events: string): string {
  return `SELECT ${groupSql}, ${list} FROM (${events}) GROUP BY sessionId, owner`;
}

/** A group whose paths depend on the ids of its events. */
type UndecidedGroup = {
  readonly number: number;
  /** Its events, in order of time. */
  readonly list: Float64Array;
  /** The instants at which ids decide the order of events. */
  readonly tiedMs: readonly number[];
};

/** Counts the groups of which no path depends on the ids of its events, and keeps the others. */
class GroupsByTime {
  readonly count: PathCount;
  readonly #undecided: UndecidedGroup[] = [];
  readonly #query: PathQuery;
  readonly #packed: PackedSteps;
  readonly #steps: MutableStep[] = [];

  constructor(query: PathQuery, packed: PackedSteps) {
    this.count = new PathCount(query);
    this.#query = query;
    this.#packed = packed;
  }

  take(page: ListPage): void {
    forEachList(page, (number, unsorted) => {
      const list = sorted(unsorted);
      const sessions = this.#sessionsOf(number, list);
      if (sessions.some((session) => needsOrder(session, this.#query)))
        // A copy, because the list is a part of its page.
        this.#undecided.push({ number, list: list.slice(), tiedMs: this.#tiedMs(list.length) });
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
      const ordered = inOrder(list, byGroup.get(number) as Float64Array, this.#packed);
      for (const session of this.#sessionsOf(number, ordered)) this.count.add(pathOf(session, this.#query));
    }
    return true;
  }

  /** The sessions of the next group use the same objects: to make one for each event takes longer than all else. */
  #sessionsOf(number: number, list: Float64Array): readonly (readonly PathStep[])[] {
    for (let i = 0; i < list.length; i++)
      this.#packed.unpack(list[i] as number, (this.#steps[i] ??= { atMs: 0, order: 0, label: noLabel }));
    const steps = this.#steps.slice(0, list.length);
    return number < 0 ? inferredSessions(steps) : [steps];
  }

  /** @returns the instants with events of one order and several labels, among the first steps */
  #tiedMs(length: number): readonly number[] {
    const tied = new Set<number>();
    for (let i = 1; i < length; i++) {
      const [before, step] = [this.#steps[i - 1] as PathStep, this.#steps[i] as PathStep];
      if (step.atMs === before.atMs && step.order === before.order && step.label !== before.label) tied.add(step.atMs);
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
      this.byGroup.set(number, list);
    });
  }
}

/** @returns the events of a group with those of some instants in order */
function inOrder(list: Float64Array, tied: Float64Array, { atMsOf }: PackedSteps): Float64Array {
  let next = 0;
  return list.map((one) => (next < tied.length && atMsOf(tied[next] as number) === atMsOf(one) ? (tied[next++] as number) : one));
}
