import { tierMs } from "@trinity/aggregation/bucket";
import { contextNames } from "@trinity/aggregation/event-dimensions";
import { sessionGapMs } from "@trinity/aggregation/inferred-session";
import { sessionBalanceMeasure, sessionComponent, sessionFlowMeasure, sessionMeasure } from "@trinity/aggregation/session-measure";
import { binSql } from "./bin-sql.ts";
import { dimensionSql } from "./dimension-sql.ts";
import { dimensionColumns, type EventColumn, eventsWith, groupsByFirst } from "./entity-sql.ts";
import { eventTable } from "./event-table.ts";
import { ofFirstEvent } from "./first-event-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";

const { sessions, bounces, events, durationSumMs, durationBin0 } = sessionComponent;

function sessionsSql(rows: string, columns: readonly EventColumn[]): string {
  const dimensions = contextNames.filter((name) => columns.includes(name));
  const user = columns.includes("userNumber") ? (["userNumber"] as const) : [];
  const shown = dimensions.map((name) => `${dimensionSql(name)} AS ${name}`);
  const ofBoth = ["startMs", "endMs", "events", ...shown, ...user].join(", ");
  return `(
    SELECT ${ofBoth} FROM ${namedSessions(rows, [...dimensions, ...user])}
    UNION ALL SELECT ${ofBoth} FROM ${inferredSessions(rows, dimensions)}
  )`;
}

/** All events of one session id, with the user and the context of the first. */
function namedSessions(rows: string, columns: readonly EventColumn[]): string {
  return groupsByFirst(eventsWith("sessionId", rows), ["sessionId"], columns);
}

/**
 * Events of a user without a session id, until none follows for `sessionGapMs`. Those of one stretch of clock time of that length belong to
 * one session whatever happened between, so only stretches are put in order of time. Few senders have no session ids: where no event is found,
 * no other column is read.
 */
function inferredSessions(rows: string, dimensions: readonly EventColumn[]): string {
  const firstOf = (aggregate: (name: string) => string) => dimensions.map((name) => `, ${aggregate(name)} AS ${name}`).join("");
  return `(
    SELECT min(startMs) AS startMs, max(endMs) AS endMs, sum(events)::BIGINT AS events, userNumber
      ${firstOf((name) => `arg_min_null(${name}, startMs)`)}
    FROM (
      SELECT *, count(*) FILTER (opens) OVER (PARTITION BY userNumber ORDER BY startMs ROWS UNBOUNDED PRECEDING) AS nth
      FROM (
        SELECT *, startMs - lag(endMs) OVER (PARTITION BY userNumber ORDER BY startMs) >= ${sessionGapMs} AS opens
        FROM (
          SELECT userNumber, min(atMs) AS startMs, max(atMs) AS endMs, count(*) AS events ${firstOf(ofFirstEvent)}
          FROM ${rows} WHERE sessionless
          GROUP BY userNumber, atMs // ${sessionGapMs}
        )
      )
    )
    GROUP BY userNumber, nth
  )`;
}

/** Two facts a session: it opens with the minute of its first event, and closes with the minute after its last one. */
function changesSql(rows: string, columns: readonly EventColumn[]): string {
  const minuteOf = (ms: string) => `${ms} - ${ms} % ${tierMs.minute}`;
  return `(
    SELECT *, if(change = 1, opensMs, closedMs) AS atMs
    FROM (SELECT *, ${minuteOf("startMs")} AS opensMs, ${minuteOf("endMs")} + ${tierMs.minute} AS closedMs FROM ${sessionsSql(rows, columns)})
    CROSS JOIN (VALUES (1), (-1)) changes(change)
  )`;
}

const ofSessions = { table: eventTable, reads: "all", dimension: dimensionColumns(...contextNames) } as const;

/** The measures of sessions in SQL, beside `sessionEntity` and `inferredSessionEntity`. */
export const sessionMeasureSql: Readonly<Record<string, MeasureSql>> = {
  [sessionMeasure.name]: {
    ...ofSessions,
    facts: (rows, columns) => `(SELECT *, startMs AS atMs FROM ${sessionsSql(rows, columns)})`,
    where: "true",
    sums: {
      [sessions]: { where: "true" },
      [bounces]: { where: "events = 1" },
      [events]: { of: "events" },
      [durationSumMs]: { of: "endMs - startMs" },
    },
    bins: [{ of: binSql("(endMs - startMs)"), first: durationBin0 }],
  },
  [sessionFlowMeasure.name]: {
    ...ofSessions,
    facts: changesSql,
    where: "true",
    sums: { 0: { of: "change" } },
    component: `(atMs % ${tierMs.day} // ${tierMs.minute})::INTEGER`,
  },
  [sessionBalanceMeasure.name]: {
    ...ofSessions,
    facts: changesSql,
    where: `opensMs // ${tierMs.day} <> closedMs // ${tierMs.day}`,
    sums: { 0: { of: "change" } },
  },
};
