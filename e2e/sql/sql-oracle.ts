import { DuckDBInstance } from "@duckdb/node-api";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { fillHappening, happeningTable } from "./event-facts.ts";
import { metricDefinitions } from "./metric-definitions.ts";
import { numbersSql } from "./numbers.ts";
import { loadRawWorld, type RawWorld, rawTables } from "./raw-events.ts";
import { fillRooms, roomTables } from "./room-facts.ts";
import { fillVisit, visitTable } from "./session-facts.ts";
import { systemTables } from "./system-facts.ts";
import { timeMacros } from "./time-zones.ts";
import { fillTitles, titleTables } from "./title-facts.ts";
import { fillNewcomer, userTables } from "./user-facts.ts";

/** One number: `n` is a count, a numerator, or the number of observations of the statistic `v`; `d` is a denominator. */
export type SqlNumber = { readonly n: number | null; readonly d: number | null; readonly v: number | null };

/** The answer of SQL to a question. A number without facts is absent. */
export type SqlAnswer = {
  /** The first instant of every bucket, in order. */
  readonly starts: readonly number[];
  /** By the values of `by`: the numbers by bucket, and of the complete range. */
  readonly lines: ReadonlyMap<string, { readonly points: ReadonlyMap<number, SqlNumber>; readonly total?: SqlNumber }>;
};

/** A second answer to every question, by another engine: plain SQL over the raw events, without any state of the product. */
export type SqlOracle = {
  /** Replaces the world. */
  load(world: RawWorld): Promise<void>;
  /** @param asOfMs the present of the answer */
  answer(query: MetricQuery, asOfMs: number): Promise<SqlAnswer>;
  close(): void;
};

const setUp = [timeMacros, rawTables, happeningTable, userTables, visitTable, titleTables, roomTables, systemTables].join("");
const derive = [fillHappening, fillNewcomer, fillVisit, fillTitles, fillRooms].join("");

export async function openSqlOracle(): Promise<SqlOracle> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  await connection.run(setUp);
  return {
    async load(world) {
      await loadRawWorld(connection, world);
      await connection.run(derive);
    },
    async answer(query, asOfMs) {
      const definition = metricDefinitions[query.metric];
      if (definition === undefined) throw new Error(`no SQL says what ${query.metric} is`);
      const reader = await connection.runAndReadAll(numbersSql(definition, query, asOfMs));
      return answerOfRows(reader.getRowsJS());
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function answerOfRows(rows: readonly (readonly unknown[])[]): SqlAnswer {
  const starts: number[] = [];
  const lines = new Map<string, { points: Map<number, SqlNumber>; total?: SqlNumber }>();
  for (const [i, startMs, key, ...amounts] of rows) {
    const bucket = Number(i);
    if (bucket >= 0) starts[bucket] = Number(startMs);
    if (typeof key !== "string") continue;
    const line = lines.get(key) ?? { points: new Map<number, SqlNumber>() };
    lines.set(key, line);
    const [n = null, d = null, v = null] = amounts.map((amount) => (amount === null ? null : Number(amount)));
    if (bucket >= 0) line.points.set(bucket, { n, d, v });
    else line.total = { n, d, v };
  }
  return { starts, lines };
}
