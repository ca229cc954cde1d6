import { defineMeasure } from "../measure.ts";

/** The books: events received, by what became of them. */
export const ingestMeasure = defineMeasure("ingest", "chunks", [
  ["outcome"],
  ["source"],
  ["reason"],
  ["outcome", "source"],
  ["outcome", "reason"],
]);

/** How long accepted events waited from receipt until answers held them. */
export const freshnessComponent = { events: 0, waitSumMs: 1, waitBin0: 16 } as const;
export const freshnessMeasure = defineMeasure("freshness", "chunks", []);
