import { FunnelCount, type FunnelQuery, rangeOfFunnel } from "@trinity/aggregation/funnel";
import type { Attempt } from "@trinity/aggregation/funnel-attempt";
import { FunnelEvents } from "@trinity/aggregation/funnel-events";
import type { Instant } from "@trinity/aggregation/instant";
import { contextWhere } from "./context-where.ts";
import type { ListPage, Statement } from "./engine/engine.ts";
import { eventTable } from "./event-table.ts";
import { isProductEvent } from "./event-type-sql.ts";
import { laneSql } from "./lane-sql.ts";
import { forEachList, sorted } from "./list-page.ts";
import type { LogColumns } from "./log-columns.ts";
import { text } from "./sql-text.ts";
import { type TimedKinds, timedKinds } from "./timed-kinds.ts";

/**
 * Counts a funnel: SQL finds the events of each user, `FunnelCount` decides what they are. Few users do steps at one instant, so only for those
 * is the order of events of one instant read.
 * @returns null where columns cannot be read
 * @throws {EngineError}
 */
export async function countFunnel(
  columns: LogColumns,
  { query, asOfMs, throughSeq }: { readonly query: FunnelQuery; readonly asOfMs: number; readonly throughSeq: number },
  signal?: AbortSignal,
): Promise<FunnelCount | null> {
  const range = rangeOfFunnel(query, asOfMs);
  if (!(range.fromMs < range.toMs)) return new FunnelCount(query);
  const timed = timedKinds(range, query.steps.length + 1);
  if (timed === null) return null;
  const asked = { query, timed };
  const question = { table: eventTable, throughSeq, ranges: [range] };
  const byTime = await columns.readLists(
    { ...question, statement: (rows) => statementByTime(asked, rows) },
    () => new UsersByTime(query, timed),
    signal,
  );
  if (byTime === null || byTime.undecided.length === 0) return byTime?.count ?? null;
  const inOrder = await columns.readLists(
    { ...question, statement: (rows) => statementInOrder(asked, rows, byTime.undecided) },
    () => new UsersInOrder(query, timed),
    signal,
  );
  if (inOrder === null) return null;
  for (const attempt of inOrder.attempts) byTime.count.add(attempt);
  return byTime.count;
}

type AskedFunnel = { readonly query: FunnelQuery; readonly timed: TimedKinds };

/** Behind the events of each room or title. */
const runEnd = -1;
const heldSql = { room: "roomId", title: "contentId" } as const;

function statementByTime(asked: AskedFunnel, rows: string): Statement {
  const { query, timed } = asked;
  const events = `SELECT userNumber, ${heldOf(query)} AS held, ${timed.sql(kindSql(query))} AS timed FROM ${rows} WHERE ${whereOf(query)}`;
  return { sql: byUser(query, "list(timed)", events) };
}

function statementInOrder(asked: AskedFunnel, rows: string, users: readonly number[]): Statement {
  const { query, timed } = asked;
  // Without a counter all order numbers are 0, and so give no order, as if one counter had repeated its number.
  const lane = "(dense_rank() OVER (PARTITION BY userNumber ORDER BY lane))::DOUBLE";
  const events = `
    SELECT userNumber, held, timed, orderNumber, ${lane} AS lane FROM (
      SELECT userNumber, ${heldOf(query)} AS held, ${timed.sql(kindSql(query))} AS timed, orderNumber::DOUBLE AS orderNumber, ${laneSql} AS lane
      FROM ${rows} WHERE ${whereOf(query)} AND userNumber IN (SELECT unnest($users::JSON::INTEGER[]))
    )`;
  return { sql: byUser(query, "flatten(list([timed, orderNumber, lane]))", events), parameters: { users: JSON.stringify(users) } };
}

function byUser({ hold }: FunnelQuery, run: string, events: string): string {
  if (hold === null) return `SELECT userNumber::DOUBLE, ${run} FROM (${events}) GROUP BY userNumber`;
  return `
    SELECT userNumber::DOUBLE, flatten(list(list_append(run, ${runEnd}::DOUBLE)))
    FROM (SELECT userNumber, ${run} AS run FROM (${events}) GROUP BY userNumber, held) GROUP BY userNumber`;
}

function heldOf({ hold }: FunnelQuery): string {
  return hold === null ? "NULL" : heldSql[hold];
}

function kindSql({ steps }: FunnelQuery): string {
  return `CASE eventType ${[...new Set(steps)].map((step) => `WHEN ${text(step)} THEN ${steps.indexOf(step)}`).join(" ")} ELSE ${steps.length} END`;
}

function whereOf({ steps, order, hold, filters }: FunnelQuery): string {
  const conditions = [
    isProductEvent,
    // A user of whom anything but telemetry is known has a number.
    "userNumber IS NOT NULL",
    contextWhere(filters),
    ...(order === "strict" ? [] : [`eventType IN (${steps.map(text).join(", ")})`]),
    ...(hold === null ? [] : [`${heldSql[hold]} IS NOT NULL`]),
  ];
  return conditions.join(" AND ");
}

/** Counts the users for whom the order of events of one instant does not matter. */
class UsersByTime {
  readonly count: FunnelCount;
  /** The others. */
  readonly undecided: number[] = [];
  readonly #stepKinds: number;
  readonly #timed: TimedKinds;

  constructor(query: FunnelQuery, timed: TimedKinds) {
    this.count = new FunnelCount(query);
    this.#stepKinds = query.steps.length;
    this.#timed = timed;
  }

  take(page: ListPage): void {
    forEachList(page, (user, list) => {
      let needsOrder = false;
      const runs = runsOf(list).map((run) => this.#instantsOf(sorted(run), () => (needsOrder = true)));
      const attempt = this.count.attemptOf(runs);
      if (needsOrder) this.undecided.push(user);
      else this.count.add(attempt);
    });
  }

  #instantsOf(run: Float64Array, onOrder: () => void): readonly Instant[] {
    const instants: Instant[] = [];
    for (let i = 0; i < run.length; ) {
      const atMs = this.#timed.atMsOf(run[i] as number);
      const kinds: number[] = [];
      for (; i < run.length && this.#timed.atMsOf(run[i] as number) === atMs; i++)
        kinds.push(stepKind(this.#timed.kindOf(run[i] as number), this.#stepKinds));
      instants.push({ atMs, kinds, lanes: () => (onOrder(), kinds.map((kind) => [kind])) });
    }
    return instants;
  }
}

const numbersOfEvent = 3;

class UsersInOrder {
  readonly attempts: (Attempt | null)[] = [];
  readonly #count: FunnelCount;
  readonly #stepKinds: number;
  readonly #timed: TimedKinds;

  constructor(query: FunnelQuery, timed: TimedKinds) {
    this.#count = new FunnelCount(query);
    this.#stepKinds = query.steps.length;
    this.#timed = timed;
  }

  take(page: ListPage): void {
    forEachList(page, (_, list) => this.attempts.push(this.#count.attemptOf(this.#runsOf(list))));
  }

  #runsOf(list: Float64Array): readonly (readonly Instant[])[] {
    const runs = [new FunnelEvents()];
    for (let i = 0; i < list.length; ) {
      const timed = list[i] as number;
      if (timed === runEnd) {
        runs.push(new FunnelEvents());
        i += 1;
        continue;
      }
      const [order, lane] = [list[i + 1] as number, list[i + 2] as number];
      const kind = stepKind(this.#timed.kindOf(timed), this.#stepKinds);
      runs.at(-1)?.push({ atMs: this.#timed.atMsOf(timed), kind, order, lane });
      i += numbersOfEvent;
    }
    return runs.map((run) => run.instants());
  }
}

/** @returns the kind as attempts have it: -1 for an event that is no step */
function stepKind(kind: number, stepKinds: number): number {
  return kind === stepKinds ? -1 : kind;
}

/** @returns the events of each room or title; all of them without `hold` */
function runsOf(list: Float64Array): readonly Float64Array[] {
  if (list.at(-1) !== runEnd) return [list];
  const runs: Float64Array[] = [];
  for (let start = 0, end = list.indexOf(runEnd); end !== -1; start = end + 1, end = list.indexOf(runEnd, start))
    runs.push(list.subarray(start, end));
  return runs;
}
