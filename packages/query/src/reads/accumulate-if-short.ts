import type { EventStore } from "@trinity/storage/event-store";
import { accumulateEvents, type EventAccumulator } from "./accumulate-events.ts";
import { ScanLimitError } from "./read-contributions.ts";

/**
 * Shows a tally its events where they are few enough for one answer.
 * @returns `null` where they are not
 */
export async function accumulateIfShort<Accumulator extends EventAccumulator>(
  store: EventStore,
  accumulator: Accumulator,
  nowMs: number,
): Promise<Accumulator | null> {
  // Nothing happened in no time.
  if (!(accumulator.range.fromMs < accumulator.range.toMs)) return accumulator;
  try {
    await accumulateEvents(store, nowMs, () => accumulator);
    return accumulator;
  } catch (error) {
    if (error instanceof ScanLimitError) return null;
    throw error;
  }
}
