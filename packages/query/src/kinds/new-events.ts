import { dimensionsOfEvent } from "@trinity/aggregation/event-dimensions";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { type Filter, passes } from "@trinity/aggregation/metric-query";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { type ShownEvent, showEvent } from "../shown-event.ts";

/** A place in the log: the chunk, and the index of an event in it; an infinite index is the end of the chunk. */
type LogPosition = { readonly seq: number; readonly index: number };

export type NewColumnsQuestion = {
  /** The last event that the reader has seen. */
  readonly after: LogPosition;
  readonly filters: readonly Filter[];
};

/** The next page of events behind a position, in the order of the log. */
export type NewEvents = {
  readonly events: readonly { readonly position: LogPosition; readonly event: ShownEvent }[];
  /** `after` of the next page. */
  readonly next: LogPosition;
  /** True at the end of the log: the next page is empty until something is appended. */
  readonly isEnd: boolean;
};

const pageEvents = 500;

/** Events as they enter the log, folded or not. */
export const newEvents: QuestionKind<NewColumnsQuestion, NewColumnsQuestion, readonly LogChunk[], NewEvents> = {
  permission: "live:read",
  overflowCheck: null,
  isOfPresent: () => true,
  plan: ok,
  async read({ after }, { store }) {
    // A chunk that was seen in part is read again for the rest of it.
    const afterSeq = Number.isFinite(after.index) ? Math.max(0, after.seq - 1) : after.seq;
    return { facts: await store.readChunks(afterSeq, pageEvents), source: "log" };
  },
  compute({ after, filters }, chunks) {
    const read = chunks.flatMap(({ seq, events }) => events.map((event, index) => ({ position: { seq, index }, event })));
    const wanted = read.filter(({ position, event }) => isBehind(after, position) && passes(filters, dimensionsOfEvent(event)));
    const last = chunks.at(-1);
    return ok({
      events: wanted.map(({ position, event }) => ({ position, event: showEvent(event) })),
      next: last === undefined ? after : { seq: last.seq, index: Number.POSITIVE_INFINITY },
      isEnd: last === undefined,
    });
  },
};

function isBehind(after: LogPosition, { seq, index }: LogPosition): boolean {
  return seq > after.seq || (seq === after.seq && index > after.index);
}
