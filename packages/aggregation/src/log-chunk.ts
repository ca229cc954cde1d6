import type { StoredEvent } from "@trinity/events/event";

/** What became of events that a sender delivered. `accepted` ones are in the log, the others are only counted there. */
export const outcomes = ["accepted", "duplicate", "rejected"] as const;
export type Outcome = (typeof outcomes)[number];

/** How many events of one source met one outcome; `reason` is the code of a rejection. The books are the sum of these lines. */
export type IngestCount = {
  readonly source: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly count: number;
};

/** One commit of the log: what it accepted, and what it counted. Chunks are numbered without gaps from 1. */
export type LogChunk = {
  readonly seq: number;
  readonly receivedAtMs: number;
  readonly receipts: readonly IngestCount[];
  readonly events: readonly StoredEvent[];
};
