import { StoreTakenError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";

type Say = (fields: { readonly reason: string }, message: string) => void;

export type SkipLog = {
  /** Logs why the work was skipped, unless the last line has the same reason. */
  skipped(error: unknown): void;
  /** Logs that the work goes on, if it was skipped before. */
  done(): void;
};

/**
 * Logs one line for each change of the reason why repeated work is skipped: an outage of an hour is two lines, not one per cycle.
 * @param work its name, such as "verification"
 */
export function createSkipLog(work: string, log: { readonly info: Say; readonly warn: Say }): SkipLog {
  let said: string | null = null;
  return {
    skipped(error) {
      const reason = error instanceof Error ? error.message : "unknown";
      if (reason === said) return;
      said = reason;
      // Work of another process is normal, so this is no warning.
      const isDoneByAnother = error instanceof StoreTakenError || error instanceof LeaseLostError;
      if (isDoneByAnother) log.info({ reason }, `${work} is left to another process`);
      else log.warn({ reason }, `${work} waits: the store cannot be used now; it is tried again`);
    },
    done() {
      if (said === null) return;
      log.info({ reason: said }, `${work} goes on: what prevented it is over`);
      said = null;
    },
  };
}
