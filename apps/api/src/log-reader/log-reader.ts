import { type Child, ChildLostError, startChild } from "@trinity/lifecycle/child-calls";
import type { Query } from "@trinity/query/query";
import { failed } from "@trinity/runtime/result";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { ReaderReply, ReaderRequest } from "./messages.ts";
import { errorOfThrown } from "./thrown-error.ts";
import { ValueOfParts, type ValuePart } from "./value-parts.ts";

export type LogReader = Query & {
  /** Ends the process. */
  close(): void;
};

type Reader = Child<ReaderRequest, ValuePart, ReaderReply>;

/**
 * Answers questions in a process of its own, so that heavy ones hold up no others. It is started for the first question, and again when it
 * has ended.
 * @param env its configuration, that of the API
 * @param onTrouble called when it ended by itself, and when it cannot read the log as columns
 */
export function createLogReader(env: Readonly<Record<string, string | undefined>>, onTrouble: (reason: string) => void): LogReader {
  let reader: Reader | null = null;
  let isClosed = false;

  function started(): Reader {
    const onEnd = () => {
      if (!isClosed) onTrouble("the process that reads the log ended; the next question starts it again");
    };
    if (reader?.isAlive !== true) reader = startChild({ script: new URL("./main.ts", import.meta.url), env, onTrouble, onEnd });
    return reader;
  }

  return {
    answer: async (question, caller, nowMs, signal) => {
      signal?.throwIfAborted();
      const result = new ValueOfParts();
      const reply = await started()
        .call({ question, caller, nowMs }, (part) => result.add(part), signal)
        .catch((error: unknown) => {
          throw error instanceof ChildLostError ? new StoreUnavailableError("the process that reads the log ended; ask again") : error;
        });
      // The parts that were left are not sent.
      if (signal?.aborted === true) return failed({ kind: "cancelled" });
      if (reply !== null) throw errorOfThrown(reply.thrown);
      return result.value as never;
    },
    close: () => {
      isClosed = true;
      reader?.kill();
    },
  };
}
