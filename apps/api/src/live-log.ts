import { type Filter, passes } from "@trinity/aggregation/metric-query";
import type { DataOf } from "@trinity/query/questions";
import { createLimiter } from "@trinity/runtime/limiter";
import { LRUCache } from "lru-cache";
import { type Asker, ask } from "./ask.ts";
import { eventText } from "./event-stream.ts";
import type { Turns } from "./turns.ts";

type NewEvents = DataOf<"newEvents">;
type LogPosition = NewEvents["events"][number]["position"];

/** An event and its text as a server-sent event: made once for all streams. */
type LiveEvent = NewEvents["events"][number] & { readonly id: string; readonly text: string };

/** Some chunks of the log in a row. */
type Page = { readonly afterSeq: number; readonly throughSeq: number; readonly events: readonly LiveEvent[] };

/** How far a stream has come: in the page that follows a chunk, it has all events through a position. */
export type LiveCursor = { readonly afterSeq: number; readonly seen: LogPosition };

/**
 * The log for all live streams of a process: what one of them has read, the others take from memory. A stream keeps its cursor and one block. If
 * it is behind what is kept here, it reads the log again.
 */
export type LiveLog = {
  /**
   * @param reader whoever asks for a page first reads it for all
   * @returns what follows: a block, or null where no event of a page passes the filters; null at the end of the log
   */
  after(cursor: LiveCursor, filters: readonly Filter[], reader: Asker): Promise<{ block: LiveBlock | null; next: LiveCursor } | null>;
};

/** A page ends at a multiple of it, so that streams that began at different places soon read the same pages. */
const chunksPerPage = 64;
const blockBytesKept = 8 * 1024 * 1024;
/** A longer event is a block by itself. */
const blockBytesMax = 16 * 1024;
const readsAtOnce = 2;

/** Some events in a row. */
export class LiveBlock {
  readonly events: readonly LiveEvent[];
  #bytes: Buffer | null = null;

  constructor(events: readonly LiveEvent[]) {
    this.events = events;
  }

  /** As they are sent, for all streams: they must not be changed. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.events.map(({ text }) => text).join(""));
    return this.#bytes;
  }
}

/** @param after the last event that the reader has seen; an infinite index is the end of the chunk */
export function cursorAfter(after: LogPosition): LiveCursor {
  // A chunk that was seen in part is looked at again for the rest of it.
  return { afterSeq: Number.isFinite(after.index) ? Math.max(0, after.seq - 1) : after.seq, seen: after };
}

export function isAtEnd({ seen }: LiveCursor, headSeq: number): boolean {
  return seen.seq > headSeq || (seen.seq === headSeq && !Number.isFinite(seen.index));
}

/** @param eventsKept of the pages that were used last */
export function createLiveLog(turns: Turns, eventsKept = 4_000): LiveLog {
  const pages = new LRUCache<number, Page>({ maxSize: eventsKept, sizeCalculation: ({ events }) => events.length + 1 });
  const blocks = new LRUCache<string, readonly LiveBlock[]>({ maxSize: blockBytesKept, sizeCalculation: sizeOf });
  const reading = new Map<number, Promise<Page | null>>();
  const readsBehind = createLimiter(readsAtOnce);
  let readThroughSeq = 0;

  async function readPage(afterSeq: number, { query, caller, clock }: Asker): Promise<Page | null> {
    // Others wait for it too: so it goes on when the reader leaves.
    const newEvents = async () => {
      await turns.next();
      return ask({ query, caller, clock }, { kind: "newEvents", afterSeq });
    };
    // Streams that are behind wait for each other, and those at the end of the log for none of them.
    const { data } = await (afterSeq >= readThroughSeq ? newEvents() : readsBehind(newEvents));
    readThroughSeq = Math.max(readThroughSeq, data.throughSeq);
    const read = pagesOf(afterSeq, data);
    // One that was cut by the end of the log, or of a read, is no better than a longer one.
    for (const page of read) if ((pages.get(page.afterSeq)?.throughSeq ?? 0) < page.throughSeq) pages.set(page.afterSeq, page);
    return read[0] ?? null;
  }

  async function pageAfter(afterSeq: number, reader: Asker): Promise<Page | null> {
    const page = pages.get(afterSeq) ?? reading.get(afterSeq);
    if (page !== undefined) return page;
    const read = readPage(afterSeq, reader).finally(() => reading.delete(afterSeq));
    reading.set(afterSeq, read);
    return read;
  }

  function blocksOf({ afterSeq, throughSeq, events }: Page, filters: readonly Filter[]): readonly LiveBlock[] {
    const key = `${afterSeq} ${throughSeq} ${JSON.stringify(filters)}`;
    const kept = blocks.get(key);
    if (kept !== undefined) return kept;
    const made = blocksOfEvents(events.filter(({ dimensions }) => passes(filters, dimensions)));
    blocks.set(key, made);
    return made;
  }

  return {
    async after({ afterSeq, seen }, filters, reader) {
      const page = await pageAfter(afterSeq, reader);
      if (page === null) return null;
      const all = blocksOf(page, filters);
      const at = all.findIndex(({ events }) => isBehind(seen, (events.at(-1) as LiveEvent).position));
      const found = all[at] ?? null;
      const block = found === null ? null : behind(seen, found);
      if (block === null || at === all.length - 1)
        return { block, next: cursorAfter({ seq: page.throughSeq, index: Number.POSITIVE_INFINITY }) };
      return { block, next: { afterSeq, seen: (block.events.at(-1) as LiveEvent).position } };
    },
  };
}

function pagesOf(afterSeq: number, { events, throughSeq }: NewEvents): readonly Page[] {
  const pages: Page[] = [];
  const all = events.map(liveEvent);
  for (let from = afterSeq; from < throughSeq; ) {
    const [start, end] = [from, Math.min(throughSeq, (Math.floor(from / chunksPerPage) + 1) * chunksPerPage)];
    pages.push({ afterSeq: start, throughSeq: end, events: all.filter(({ position: { seq } }) => seq > start && seq <= end) });
    from = end;
  }
  return pages;
}

function liveEvent(one: NewEvents["events"][number]): LiveEvent {
  const id = `${one.position.seq}.${one.position.index}`;
  return { ...one, id, text: eventText(id, one.event) };
}

function blocksOfEvents(events: readonly LiveEvent[]): readonly LiveBlock[] {
  const blocks: LiveBlock[] = [];
  let [from, size] = [0, 0];
  for (const [i, { text }] of events.entries()) {
    const bytes = Buffer.byteLength(text);
    if (i > from && size + bytes > blockBytesMax) {
      blocks.push(new LiveBlock(events.slice(from, i)));
      [from, size] = [i, 0];
    }
    size += bytes;
  }
  return from === events.length ? blocks : [...blocks, new LiveBlock(events.slice(from))];
}

/** A stream that begins within a chunk, or whose page has grown, has seen a part of a block. */
function behind(seen: LogPosition, block: LiveBlock): LiveBlock {
  if (isBehind(seen, (block.events[0] as LiveEvent).position)) return block;
  return new LiveBlock(block.events.filter(({ position }) => isBehind(seen, position)));
}

function isBehind(after: LogPosition, { seq, index }: LogPosition): boolean {
  return seq > after.seq || (seq === after.seq && index > after.index);
}

function sizeOf(blocks: readonly LiveBlock[]): number {
  return blocks.reduce((sum, { events }) => events.reduce((bytes, { text }) => bytes + text.length, sum), 1);
}
