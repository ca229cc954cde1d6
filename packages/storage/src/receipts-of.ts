import type { IngestCount } from "@trinity/aggregation/log-chunk";
import type { AppendBatch } from "./event-store.ts";

/**
 * Counts the outcomes of a batch: the ingest counts that its chunk contains.
 * @param duplicate for each event, whether the log already had it
 * @returns one count per source, outcome and reason, in the order in which sources first occur in the batch
 */
export function receiptsOf(batch: AppendBatch, duplicate: readonly boolean[]): readonly IngestCount[] {
  const countsBySource = new Map<string, Counts>();
  for (const [i, { event }] of batch.events.entries()) {
    countsAt(countsBySource, event.source.system)[duplicate[i] === true ? "duplicate" : "accepted"] += 1;
  }
  for (const { source, code } of batch.rejections) {
    const { rejectedByReason } = countsAt(countsBySource, source);
    rejectedByReason.set(code, (rejectedByReason.get(code) ?? 0) + 1);
  }
  return [...countsBySource].flatMap(([source, counts]) => countsOf(source, counts));
}

type Counts = { accepted: number; duplicate: number; readonly rejectedByReason: Map<string, number> };

function countsAt(countsBySource: Map<string, Counts>, source: string): Counts {
  let counts = countsBySource.get(source);
  if (counts === undefined) countsBySource.set(source, (counts = { accepted: 0, duplicate: 0, rejectedByReason: new Map() }));
  return counts;
}

function countsOf(source: string, { accepted, duplicate, rejectedByReason }: Counts): readonly IngestCount[] {
  const lines: readonly IngestCount[] = [
    { source, outcome: "accepted", reason: null, count: accepted },
    { source, outcome: "duplicate", reason: null, count: duplicate },
    ...[...rejectedByReason].map(([reason, count]) => ({ source, outcome: "rejected" as const, reason, count })),
  ];
  return lines.filter(({ count }) => count > 0);
}
