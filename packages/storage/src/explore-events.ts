import { contributionsOfEvent } from "@trinity/aggregation/contributions";
import type { Metric } from "@trinity/aggregation/metric";
import { type Filter, passes } from "@trinity/aggregation/metric-query";
import type { StoredEvent } from "@trinity/events/event";
import type { EventStore } from "./event-store.ts";
import { ScanLimitError } from "./read-contributions.ts";

/** `position` is a place in the log, `<chunk>.<index>`: the cursor that goes on behind it. */
export type ExploredEvent = { readonly position: string; readonly event: StoredEvent };
export type Exploration = { readonly events: readonly ExploredEvent[]; readonly nextCursor: string | null; readonly total: number };

export type ExploreQuery = {
  /** Only events that this metric counts. */
  readonly metric: Metric;
  readonly fromMs: number;
  readonly toMs: number;
  readonly filters: readonly Filter[];
  readonly limit: number;
  readonly cursor: string | null;
};

const scanMax = 5_000_000;
const pageEvents = 20_000;

/**
 * The rows behind a number, in the order of the log: chosen by the very contributions that the number is the sum of.
 * @throws {ScanLimitError}
 */
export async function exploreEvents(store: EventStore, query: ExploreQuery): Promise<Exploration> {
  const { mark } = await store.readRollups([]);
  const [fromChunk = 0, fromIndex = -1] = (query.cursor ?? "0.-1").split(".").map(Number);
  const events: ExploredEvent[] = [];
  let total = 0;
  let scanned = 0;
  for (let afterSeq = 0; ; ) {
    const chunks = await store.readChunksInRange({ afterSeq, throughSeq: mark.seq, fromMs: query.fromMs, toMs: query.toMs }, pageEvents);
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      afterSeq = chunk.seq;
      scanned += chunk.events.length;
      if (scanned > scanMax) throw new ScanLimitError(`more than ${scanMax} events would have to be read`);
      for (const [index, event] of chunk.events.entries()) {
        if (!isBehind(query, event)) continue;
        total += 1;
        const isNext = chunk.seq > fromChunk || (chunk.seq === fromChunk && index > fromIndex);
        if (isNext && events.length <= query.limit) events.push({ position: `${chunk.seq}.${index}`, event });
      }
    }
  }
  const page = events.slice(0, query.limit);
  return { events: page, nextCursor: events.length > query.limit ? (page.at(-1)?.position ?? null) : null, total };
}

function isBehind({ metric, fromMs, toMs, filters }: ExploreQuery, event: StoredEvent): boolean {
  if (event.timestampMs < fromMs || event.timestampMs >= toMs) return false;
  const contributions = contributionsOfEvent(event, () => 0);
  return contributions.some(({ measure, dimensions }) => metric.measure.name === measure && passes(filters, dimensions));
}
