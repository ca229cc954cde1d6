import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { Query } from "@trinity/query/query";
import type { Result } from "@trinity/runtime/result";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { ReaderReply, ReaderRequest } from "./messages.ts";
import { errorOfThrown } from "./thrown-error.ts";

export type LogReader = Query & {
  /** Ends the process. */
  close(): void;
};

type Waiting = { readonly resolve: (result: Result<Answer<never>, QueryFailure>) => void; readonly reject: (error: Error) => void };

/**
 * Answers questions in a process of its own, so that heavy ones hold up no others. It is started for the first question, and again when it
 * has ended.
 * @param env its configuration, that of the API
 * @param onTrouble called when it ended by itself, and when it cannot read the log as columns
 */
export function createLogReader(env: Readonly<Record<string, string | undefined>>, onTrouble: (reason: string) => void): LogReader {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | null = null;
  let lastId = 0;
  let isClosed = false;

  function started(): ChildProcess {
    if (child !== null) return child;
    const starting = fork(new URL("./main.ts", import.meta.url), { env: { ...env }, serialization: "advanced", execArgv: [] });
    // Whoever takes events or answers from cells goes first. Its engine has the same priority.
    if (starting.pid !== undefined) setPriority(starting.pid, 5);
    starting.on("message", settle);
    starting.once("exit", () => lose(starting));
    starting.once("error", () => lose(starting));
    child = starting;
    return starting;
  }

  function settle(reply: ReaderReply): void {
    if ("trouble" in reply) return onTrouble(reply.trouble);
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("result" in reply) one?.resolve(reply.result);
    else one?.reject(errorOfThrown(reply.thrown));
  }

  function lose(ended: ChildProcess): void {
    if (child !== ended) return;
    child = null;
    if (!isClosed) onTrouble("the process that reads the log ended; the next question starts it again");
    for (const { reject } of waiting.values()) reject(new StoreUnavailableError("the process that reads the log ended; ask again"));
    waiting.clear();
  }

  async function answered(request: Omit<ReaderRequest & { kind: "answer" }, "id" | "kind">, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const id = ++lastId;
    const process = started();
    // A process that has just ended is noticed by its exit.
    const send = (message: ReaderRequest) => void process.send(message, () => {});
    const { promise, resolve, reject } = Promise.withResolvers<Result<Answer<never>, QueryFailure>>();
    waiting.set(id, { resolve, reject });
    const cancel = () => send({ kind: "cancel", id });
    signal?.addEventListener("abort", cancel);
    send({ kind: "answer", id, ...request });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  return {
    answer: (question, caller, nowMs, signal) => answered({ question, caller, nowMs }, signal),
    close: () => {
      isClosed = true;
      child?.kill("SIGKILL");
    },
  };
}
