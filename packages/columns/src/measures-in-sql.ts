import { chunkMeasureSql } from "./chunk-measure-sql.ts";
import { eventMeasureSql } from "./event-measure-sql.ts";
import { firstMeasureSql } from "./first-measure-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";
import { roomMeasureSql } from "./room-measure-sql.ts";
import { sessionMeasureSql } from "./session-measure-sql.ts";

/** By measure. A measure that is missing here has no definition in SQL: its contributions are read from the log. */
export const measuresInSql: Readonly<Record<string, MeasureSql>> = {
  ...eventMeasureSql,
  ...chunkMeasureSql,
  ...sessionMeasureSql,
  ...roomMeasureSql,
  ...firstMeasureSql,
};
