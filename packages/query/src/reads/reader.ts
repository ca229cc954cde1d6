import type { LogColumns } from "@trinity/columns/log-columns";
import type { EventStore } from "@trinity/storage/event-store";
import type { LogCheck } from "@trinity/verification/log-check";
import type { AnswerSource } from "../answer.ts";
import type { Moment } from "./moment.ts";

/** What questions are answered from. */
export type QuerySources = {
  readonly store: EventStore;
  /** The log as columns; without them all of it is read event by event. */
  readonly columns?: LogColumns | undefined;
  /** @returns what the check of the log found; null before the first */
  readonly readLogCheck: () => Promise<LogCheck | null>;
};

/** What the reads of one answer share. */
export type Reader = QuerySources & {
  readonly moment: Moment;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
};

/** What the reads of a plan found. */
export type Read<Facts> = {
  readonly facts: Facts;
  readonly source: AnswerSource;
  /** Of the snapshot that was read; that of the moment where it is absent. */
  readonly revision?: number;
  /** Where the reads counted overflow beside the numbers. */
  readonly overflowed?: readonly string[];
};
