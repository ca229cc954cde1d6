import type { IngestCount, LogChunk } from "@trinity/aggregation/log-chunk";
import type { LogTable } from "./log-table.ts";

/** A chunk without its events. */
export type ChunkRow = Pick<LogChunk, "seq" | "receivedAtMs"> & {
  readonly foldedAtMs: number;
  /** How many it has. */
  readonly events: number;
  readonly receipts: readonly IngestCount[];
};

const asItIs = (name: string, type: string) => ({ name, type, from: name });

export const chunkTable: LogTable = {
  name: "chunk",
  columns: [
    asItIs("seq", "BIGINT"),
    asItIs("receivedAtMs", "BIGINT"),
    asItIs("foldedAtMs", "BIGINT"),
    asItIs("events", "INTEGER"),
    asItIs("receipts", "STRUCT(source VARCHAR, outcome VARCHAR, reason VARCHAR, count BIGINT)[]"),
  ],
  rowShape: {
    seq: "BIGINT",
    receivedAtMs: "BIGINT",
    foldedAtMs: "BIGINT",
    events: "INTEGER",
    receipts: [{ source: "VARCHAR", outcome: "VARCHAR", reason: "VARCHAR", count: "BIGINT" }],
  },
  firstMs: "least(receivedAtMs, foldedAtMs)",
  lastMs: "greatest(receivedAtMs, foldedAtMs)",
  sortOrder: "seq",
};
