import { defineMeasure } from "../measure.ts";

/** Ingest counts: events received, by outcome. */
export const ingestMeasure = defineMeasure(
  "ingest",
  "chunks",
  [["outcome"], ["source"], ["reason"], ["outcome", "source"], ["outcome", "reason"]],
  { subject: "system" },
);

/** How long stored events waited from receipt until they were folded. */
export const freshnessComponent = { events: 0, waitSumMs: 1, waitBin0: 16 } as const;
export const freshnessMeasure = defineMeasure("freshness", "chunks", [], { subject: "system" });
