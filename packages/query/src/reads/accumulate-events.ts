import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "@trinity/storage/event-store";
import { freshnessFields, readLogFreshness } from "../freshness.ts";
import { ScanLimitError } from "./read-contributions.ts";

/** So much of the log one answer may read. */
const scanMax = 2_000_000;
const pageEvents = 20_000;

/** What takes events as they come, in any order, and says which it wants: those that happened in `[fromMs, toMs)`. */
export type EventAccumulator = {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  add(event: StoredEvent): void;
};

/**
 * Shows a tally the events of its range, as far as the log is folded; chunks are read whole, so it sees some others as well.
 * @param nowMs the present, read before the call
 * @param accumulatorAt makes the tally for the instant that the answer reaches
 * @returns the tally, and what an answer says of its present
 * @throws {ScanLimitError} when more than 2 million events would have to be read
 */
export async function accumulateEvents<Accumulator extends EventAccumulator>(
  store: EventStore,
  nowMs: number,
  accumulatorAt: (asOfMs: number) => Accumulator,
): Promise<{ readonly accumulator: Accumulator; readonly freshness: { readonly asOf: string; readonly revision: number } }> {
  const { watermark, asOfMs } = await readLogFreshness(store, nowMs);
  const accumulator = accumulatorAt(asOfMs);
  let left = scanMax;
  for (let afterSeq = 0; ; ) {
    const chunks = await store.readChunksInRange({ ...accumulator.range, afterSeq, throughSeq: watermark.seq }, pageEvents);
    if (chunks.length === 0) break;
    for (const { seq, events } of chunks) {
      afterSeq = seq;
      left -= events.length;
      if (left < 0) throw new ScanLimitError(`more than ${scanMax} events would have to be read`);
      for (const event of events) accumulator.add(event);
    }
  }
  return { accumulator, freshness: freshnessFields({ asOfMs, revision: watermark.revision }) };
}
