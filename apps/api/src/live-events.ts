import type { Filter } from "@trinity/aggregation/metric-query";
import { tracked } from "@trpc/server";
import type { Context } from "./context.ts";
import { cursorAfter, isAtEnd, type LiveBlock, type LiveCursor } from "./live-log.ts";
import type { OpenStream } from "./live-streams.ts";

/** What a reader of live events asks for. */
export type LiveEventsQuestion = {
  /** Of the last event that it has seen. */
  readonly after: LiveCursor["seen"];
  readonly filters: readonly Filter[];
};

export const logPositionText = /^\d{1,15}\.\d{1,9}$/;

/** @param text `<seq>.<index>`: matches `logPositionText` */
export function parseLogPosition(text: string): LiveCursor["seen"] {
  const [seq = 0, index = 0] = text.split(".").map(Number);
  return { seq, index };
}

/**
 * Every event of the log behind a position, once each and in order, as it is appended: one by one, or as text that all streams share. It is read
 * once, in one of the two ways. Ends by throwing the reason of the stream's signal.
 */
export class LiveEvents {
  readonly #question: LiveEventsQuestion;
  readonly #ctx: Context;
  readonly #stream: OpenStream;

  constructor(question: LiveEventsQuestion, ctx: Context, stream: OpenStream) {
    this.#question = question;
    this.#ctx = ctx;
    this.#stream = stream;
  }

  async *[Symbol.asyncIterator]() {
    for await (const { events } of this.blocks()) {
      for (const { id, event } of events) {
        await this.#ctx.turns.next();
        this.#stream.signal.throwIfAborted();
        yield tracked(id, event);
      }
    }
  }

  async *blocks(): AsyncGenerator<LiveBlock> {
    const { watch, liveLog, turns } = this.#ctx;
    const { signal } = this.#stream;
    const watching = watch.open(signal);
    try {
      let cursor = cursorAfter(this.#question.after);
      for (;;) {
        const { headSeq } = await watching.changed();
        while (!isAtEnd(cursor, headSeq)) {
          await turns.next();
          signal.throwIfAborted();
          const found = await liveLog.after(cursor, this.#question.filters, this.#ctx);
          if (found === null) break;
          cursor = found.next;
          if (found.block !== null) yield found.block;
        }
      }
    } finally {
      watching.close();
      this.#stream.close();
    }
  }
}
