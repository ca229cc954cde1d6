import type { StoredEvent } from "@trinity/events/event";

/** The outcome of a received event. `accepted` ones are in the log, the others are only counted there. */
export const outcomes = ["accepted", "duplicate", "rejected"] as const;
type Outcome = (typeof outcomes)[number];

/** How many events of one source met one outcome; `reason` is the code of a rejection. */
export type IngestCount = {
  readonly source: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly count: number;
};

/** One commit of the log: accepted events and counts. Chunks are numbered from 1 without gaps. */
export type LogChunk = {
  readonly seq: number;
  readonly receivedAtMs: number;
  readonly receipts: readonly IngestCount[];
  readonly events: readonly StoredEvent[];
};
