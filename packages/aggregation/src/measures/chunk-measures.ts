import { defineMeasure } from "../measure.ts";

/** Ingest counts: events received, by outcome. */
export const ingestMeasure = defineMeasure("ingest", "chunks", [
  ["outcome"],
  ["source"],
  ["reason"],
  ["outcome", "source"],
  ["outcome", "reason"],
]);

/** How long accepted events waited from receipt until they were in answers. */
export const freshnessComponent = { events: 0, waitSumMs: 1, waitBin0: 16 } as const;
export const freshnessMeasure = defineMeasure("freshness", "chunks", []);
