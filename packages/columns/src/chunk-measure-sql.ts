import { freshnessComponent, freshnessMeasure, ingestMeasure } from "@trinity/aggregation/chunk-measures";
import type { CellDimension } from "@trinity/aggregation/dimension";
import { binSql } from "./bin-sql.ts";
import { chunkTable } from "./chunk-table.ts";
import { unknownSql } from "./dimension-sql.ts";
import type { MeasureSql } from "./measure-sql.ts";

const dimensionOfReceipt: Readonly<Partial<Record<CellDimension, string>>> = {
  source: "source",
  outcome: "outcome",
  reason: "reason",
};
const dimension = (name: CellDimension) => dimensionOfReceipt[name] ?? unknownSql;

const { events, waitSumMs, waitBin0 } = freshnessComponent;

/** The measures of the chunks themselves in SQL, beside `contributionsOfChunk`. */
export const chunkMeasureSql: Readonly<Record<string, MeasureSql>> = {
  [ingestMeasure.name]: {
    table: chunkTable,
    reads: "range",
    time: "receivedAtMs",
    facts: (rows) => `(SELECT receivedAtMs AS atMs, receipt.* FROM (SELECT receivedAtMs, unnest(receipts) AS receipt FROM ${rows}))`,
    where: "true",
    dimension,
    sums: { 0: { of: '"count"' } },
  },
  [freshnessMeasure.name]: {
    table: chunkTable,
    reads: "range",
    time: "foldedAtMs",
    facts: (rows) => `(SELECT foldedAtMs AS atMs, events, greatest(0, foldedAtMs - receivedAtMs) AS waitMs FROM ${rows})`,
    where: "events > 0",
    dimension,
    sums: { [events]: { of: "events" }, [waitSumMs]: { of: "events * waitMs" } },
    bins: [{ of: binSql("waitMs"), first: waitBin0 }],
  },
};
