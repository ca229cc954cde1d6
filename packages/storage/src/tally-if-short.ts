import type { EventStore } from "./event-store.ts";
import { ScanLimitError } from "./read-contributions.ts";
import { type EventTally, tallyEvents } from "./tally-events.ts";

/**
 * Shows a tally its events where they are few enough for one answer.
 * @returns `null` where they are not
 */
export async function tallyIfShort<Tally extends EventTally>(store: EventStore, tally: Tally, nowMs: number): Promise<Tally | null> {
  // Nothing happened in no time.
  if (!(tally.range.fromMs < tally.range.toMs)) return tally;
  try {
    await tallyEvents(store, nowMs, () => tally);
    return tally;
  } catch (error) {
    if (error instanceof ScanLimitError) return null;
    throw error;
  }
}
