import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "./contribution.ts";
import type { Dimensions } from "./dimension.ts";
import { dimensionsOfEvent } from "./event-dimensions.ts";
import { binOf } from "./histogram.ts";
import type { LogChunk } from "./log-chunk.ts";
import { freshnessComponent } from "./measures/chunk-measures.ts";
import { type EventMeasure, eventMeasures } from "./measures/event-measures.ts";

/**
 * @param measures the only ones that are wanted
 * @returns what an event adds by itself, without the entities that it changes
 */
export function contributionsOfEvent(
  event: StoredEvent,
  userNumber: (userId: string) => number,
  measures: readonly EventMeasure[] = eventMeasures,
): readonly Contribution[] {
  const contributions: Contribution[] = [];
  let dimensions: Dimensions | undefined;
  for (const { name: measure, amountsOf } of measures) {
    const amounts = amountsOf(event, userNumber);
    if (amounts === null) continue;
    dimensions ??= dimensionsOfEvent(event);
    contributions.push({ measure, atMs: event.timestampMs, dimensions, amounts, userId: event.userId });
  }
  return contributions;
}

/** @returns what a chunk adds besides its events: ingest counts, by the time of receipt, and how long its events waited */
export function contributionsOfChunk(chunk: LogChunk, foldedAtMs: number): readonly Contribution[] {
  const ingestCounts = chunk.receipts.map(({ source, outcome, reason, count }) => ({
    measure: "ingest",
    atMs: chunk.receivedAtMs,
    dimensions: { source, outcome, ...(reason === null ? {} : { reason }) },
    amounts: [0, count],
  }));
  if (chunk.events.length === 0) return ingestCounts;
  const { events, waitSumMs, waitBin0 } = freshnessComponent;
  const waitMs = Math.max(0, foldedAtMs - chunk.receivedAtMs);
  const n = chunk.events.length;
  return [
    ...ingestCounts,
    { measure: "freshness", atMs: foldedAtMs, dimensions: {}, amounts: [events, n, waitSumMs, n * waitMs, waitBin0 + binOf(waitMs), n] },
  ];
}
