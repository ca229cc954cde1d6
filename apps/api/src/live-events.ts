import type { DataOf, QuestionOf } from "@trinity/query/questions";
import { ask } from "./ask.ts";
import type { Context } from "./context.ts";

export type NewColumnsQuestion = Omit<QuestionOf<"newEvents">, "kind">;
type LogPosition = NewColumnsQuestion["after"];
type ShownEvent = DataOf<"newEvents">["events"][number]["event"];

export const logPositionText = /^\d{1,15}\.\d{1,9}$/;

/** @param text `<seq>.<index>`: matches `logPositionText` */
export function parseLogPosition(text: string): LogPosition {
  const [seq = 0, index = 0] = text.split(".").map(Number);
  return { seq, index };
}

/** Every event of the log behind a position, once each and in order, as it is appended. Ends by throwing the signal's reason. */
export async function* liveEvents(
  ctx: Context,
  { after, filters }: NewColumnsQuestion,
  signal: AbortSignal,
): AsyncGenerator<{ readonly position: string; readonly event: ShownEvent }> {
  const watching = ctx.watch.open();
  try {
    for (let from = after; ; ) {
      const { data: page } = await ask(ctx, { kind: "newEvents", after: from, filters });
      for (const { position, event } of page.events) {
        signal.throwIfAborted();
        yield { position: `${position.seq}.${position.index}`, event };
      }
      from = page.next;
      if (page.isEnd) await watching.changed(signal);
    }
  } finally {
    watching.close();
  }
}
