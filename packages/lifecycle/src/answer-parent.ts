import { type FromChild, partsAhead, type ToChild } from "./child-messages.ts";

/** One call of the parent. */
export type Call<Part> = {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /**
   * Sends a part of the answer, as soon as the parent has taken enough of those before.
   * @throws when nobody waits for the answer any more
   */
  send(part: Part): Promise<void>;
};

/**
 * Answers the calls of the process that started this one by `startChild`, and ends with it.
 * @param answer never rejects: the parent would wait for ever
 * @returns tells the parent something beside the answers
 */
export function answerParent<Request, Part, Reply>(
  answer: (request: Request, call: Call<Part>) => Promise<Reply>,
): (trouble: string) => void {
  const calls = new Map<number, RunningCall<Part>>();
  // A parent that has just ended is noticed by its channel.
  const tell = (message: FromChild<Part, Reply>) => void process.send?.(message, undefined, undefined, () => {});

  async function run(id: number, request: Request): Promise<void> {
    const call = new RunningCall<Part>((part) => tell({ kind: "part", id, part }));
    calls.set(id, call);
    const reply = await answer(request, call);
    calls.delete(id);
    tell({ kind: "reply", id, reply });
  }

  process.on("message", (message: ToChild<Request>) => {
    if (message.kind === "call") void run(message.id, message.request);
    else if (message.kind === "cancel") calls.get(message.id)?.cancel();
    else calls.get(message.id)?.taken();
  });
  // An orderly exit waits for what runs.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  return (trouble) => tell({ kind: "trouble", trouble });
}

class RunningCall<Part> implements Call<Part> {
  readonly #tell: (part: Part) => void;
  readonly #cancelling = new AbortController();
  /** How many parts were sent and not yet taken. */
  #ahead = 0;
  #wake: () => void = () => {};

  constructor(tell: (part: Part) => void) {
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    return this.#cancelling.signal;
  }

  async send(part: Part): Promise<void> {
    while (this.#ahead >= partsAhead && !this.signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.signal.throwIfAborted();
    this.#ahead += 1;
    this.#tell(part);
  }

  taken(): void {
    this.#ahead -= 1;
    this.#wake();
  }

  cancel(): void {
    this.#cancelling.abort();
    this.#wake();
  }
}
