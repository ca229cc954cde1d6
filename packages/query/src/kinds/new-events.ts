import type { Dimensions } from "@trinity/aggregation/dimension";
import { dimensionsOfEvent } from "@trinity/aggregation/event-dimensions";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { type ShownEvent, showEvent } from "../shown-event.ts";

/** A place in the log: the chunk, and the index of an event in it. */
type LogPosition = { readonly seq: number; readonly index: number };

export type NewEventsQuestion = { readonly afterSeq: number };

/** The next page of events behind a chunk, in the order of the log. */
export type NewEvents = {
  readonly events: readonly { readonly position: LogPosition; readonly event: ShownEvent; readonly dimensions: Dimensions }[];
  /** `afterSeq` of the next page; the same as before at the end of the log, until something is appended. */
  readonly throughSeq: number;
};

const pageEvents = 500;

/** Events as they enter the log, folded or not. */
export const newEvents: QuestionKind<NewEventsQuestion, NewEventsQuestion, readonly LogChunk[], NewEvents> = {
  permission: "live:read",
  overflowCheck: null,
  isOfPresent: () => true,
  plan: ok,
  read: async ({ afterSeq }, { store }) => ({ facts: await store.readChunks(afterSeq, pageEvents), source: "log" }),
  compute: ({ afterSeq }, chunks) =>
    ok({
      events: chunks.flatMap(({ seq, events }) =>
        events.map((event, index) => ({ position: { seq, index }, event: showEvent(event), dimensions: dimensionsOfEvent(event) })),
      ),
      throughSeq: chunks.at(-1)?.seq ?? afterSeq,
    }),
};
