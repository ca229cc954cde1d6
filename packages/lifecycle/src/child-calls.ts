import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import type { FromChild, ToChild } from "./child-messages.ts";

/** The child ended before it had answered. */
export class ChildLostError extends Error {
  override readonly name = "ChildLostError";
}

export type ChildSettings = {
  /** What the child runs; it answers by `answerParent`. */
  readonly script: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with what the child has to say beside its answers. */
  readonly onTrouble?: (trouble: string) => void;
  /** Called once, when it has ended, before its calls are rejected. */
  readonly onEnd?: () => void;
};

/** A child process that answers calls. */
export type Child<Request, Part, Reply> = {
  /** False once it has ended. */
  readonly isAlive: boolean;
  /**
   * @param take is called with each part that comes before the reply; what it throws cancels the call, and is thrown
   * @param signal tells the child that nobody waits any more; it still replies
   * @throws {ChildLostError}
   */
  call(request: Request, take: (part: Part) => void, signal?: AbortSignal): Promise<Reply>;
  kill(): void;
};

type Waiting<Part, Reply> = {
  readonly take: (part: Part) => void;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
};

/** Whoever takes events or answers from cells goes first: on a busy core such a process gets a quarter of its time. */
const niceness = 5;

/** Starts the child. It ends with this process, however this one ends. */
export function startChild<Request, Part, Reply>({ script, args = [], env, ...handlers }: ChildSettings): Child<Request, Part, Reply> {
  const child = fork(script, args, {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
    ...(env === undefined ? {} : { env: { ...env } }),
  });
  if (child.pid !== undefined) setPriority(child.pid, niceness);
  return new CalledChild(child, handlers);
}

class CalledChild<Request, Part, Reply> implements Child<Request, Part, Reply> {
  readonly #process: ChildProcess;
  readonly #handlers: Pick<ChildSettings, "onTrouble" | "onEnd">;
  readonly #waiting = new Map<number, Waiting<Part, Reply>>();
  #lastId = 0;
  isAlive = true;

  constructor(process: ChildProcess, handlers: Pick<ChildSettings, "onTrouble" | "onEnd">) {
    this.#process = process;
    this.#handlers = handlers;
    process.on("message", (message: FromChild<Part, Reply>) => this.#receive(message));
    process.on("exit", () => this.#lose());
    process.on("error", () => this.#lose());
  }

  async call(request: Request, take: (part: Part) => void, signal?: AbortSignal): Promise<Reply> {
    signal?.throwIfAborted();
    if (!this.isAlive) throw new ChildLostError("the process has ended");
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, { take, resolve, reject });
    const cancel = () => this.#send({ kind: "cancel", id });
    signal?.addEventListener("abort", cancel);
    this.#send({ kind: "call", id, request });
    return await promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #send(message: ToChild<Request>): void {
    // A process that has just ended is noticed by its exit.
    this.#process.send(message, () => {});
  }

  #receive(message: FromChild<Part, Reply>): void {
    if (message.kind === "trouble") return this.#handlers.onTrouble?.(message.trouble);
    const waiting = this.#waiting.get(message.id);
    // Its caller has given it up.
    if (waiting === undefined) return;
    if (message.kind === "part") return this.#take(message.id, message.part, waiting);
    this.#waiting.delete(message.id);
    waiting.resolve(message.reply);
  }

  #take(id: number, part: Part, { take, reject }: Waiting<Part, Reply>): void {
    try {
      take(part);
      this.#send({ kind: "taken", id });
    } catch (error) {
      this.#waiting.delete(id);
      this.#send({ kind: "cancel", id });
      reject(error);
    }
  }

  #lose(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#handlers.onEnd?.();
    for (const { reject } of this.#waiting.values()) reject(new ChildLostError("the process ended before it had answered"));
    this.#waiting.clear();
  }
}
