import { StoreTakenError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";

type Say = (fields: { readonly reason: string }, message: string) => void;

export type SkipLog = {
  /** Says why the work could not be done now, unless the line before said the same. */
  skipped(error: unknown): void;
  /** Says that the work is done again, if it was said that it is not. */
  done(): void;
};

/**
 * Writes one line for each change of what keeps repeated work from being done: an outage of an hour is two lines, not one a cycle.
 * @param work names it, such as "verification"
 */
export function createSkipLog(work: string, log: { readonly info: Say; readonly warn: Say }): SkipLog {
  let said: string | null = null;
  return {
    skipped(error) {
      const reason = error instanceof Error ? error.message : "unknown";
      if (reason === said) return;
      said = reason;
      // That another process does it is how it should be.
      const isDoneByAnother = error instanceof StoreTakenError || error instanceof LeaseLostError;
      if (isDoneByAnother) log.info({ reason }, `${work} is left to another process`);
      else log.warn({ reason }, `${work} waits: the store cannot be used now; it is tried again`);
    },
    done() {
      if (said === null) return;
      log.info({ reason: said }, `${work} goes on: what kept it is over`);
      said = null;
    },
  };
}
