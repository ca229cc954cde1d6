import type { Measure } from "@trinity/aggregation/measure";
import { chunkMeasureSql } from "./chunk-measure-sql.ts";
import { eventMeasureSql } from "./event-measure-sql.ts";
import { firstMeasureSql } from "./first-measure-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { resourceMeasureSql } from "./resource-measure-sql.ts";
import { roomMeasureSql } from "./room-measure-sql.ts";
import { sessionMeasureSql } from "./session-measure-sql.ts";

const measuresInSql: Readonly<Record<string, MeasureSql>> = {
  ...eventMeasureSql,
  ...resourceMeasureSql,
  ...chunkMeasureSql,
  ...sessionMeasureSql,
  ...roomMeasureSql,
  ...firstMeasureSql,
};

/** @returns how SQL states a measure: every measure of the catalogue has it */
export function measureSql({ name }: Measure): MeasureSql {
  const sql = measuresInSql[name];
  if (sql === undefined) throw new RangeError(`no SQL states the measure ${name}`);
  return sql;
}
