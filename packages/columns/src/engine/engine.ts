import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, setPriority, totalmem } from "node:os";
import { join } from "node:path";
import type { ColumnValues, EngineReply, EngineRequest, ListPage, Statement } from "./messages.ts";

export type { ColumnValues, ListPage, Parameters, SqlValue, Statement } from "./messages.ts";

/** DuckDB in a process of its own: a statement that crashes it, or fills its memory, harms nobody else. */
export type Engine = {
  /** False once the process has ended. Its tables are lost then; start another. */
  readonly isAlive: boolean;
  /**
   * @param signal ends the statement
   * @throws {EngineLostError} when the process ends before it has answered
   * @throws {EngineError} when the statement fails, or was ended
   */
  read(statement: Statement, signal?: AbortSignal): Promise<ColumnValues>;
  /**
   * Reads many numbers, of which the engine sends no more than are taken.
   * @param statement returns `DOUBLE` and `DOUBLE[]`, none of them null
   * @param take is called with each page, in no particular order of rows; what it throws ends the statement
   * @param signal ends the statement
   * @throws {EngineLostError} when the process ends before it has answered; some pages may have been taken
   * @throws {EngineError} when the statement fails, or was ended
   */
  readLists(statement: Statement, take: (page: ListPage) => void, signal?: AbortSignal): Promise<void>;
  /** Ends the process. */
  close(): void;
};

export type EngineSettings = {
  /** The folder in which each engine has one of its own, for results that do not fit in memory. */
  readonly spillDir: string;
  readonly memoryBytes?: number;
};

/** A statement failed. `isLimit`: it needs more memory, disk or time than a statement may take. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";

  get isLimit(): boolean {
    return /out of memory|max_temp_directory_size|interrupt/i.test(this.message);
  }
}

/** The process of the engine ended. The same statement can be run again by another engine that has the same tables. */
export class EngineLostError extends EngineError {
  override readonly name = "EngineLostError";
}

const spillBytesMax = 2 * 1024 ** 3;

export function startEngine({ spillDir, memoryBytes = defaultMemoryBytes() }: EngineSettings): Engine {
  const ownSpillDir = spillFolder(spillDir);
  const settings = {
    memory_limit: `${Math.round(memoryBytes / 1024 ** 2)}MiB`,
    threads: String(availableParallelism()),
    temp_directory: ownSpillDir,
    max_temp_directory_size: `${spillBytesMax / 1024 ** 2}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "false",
  };
  const process = fork(new URL("./engine-process.ts", import.meta.url), [JSON.stringify(settings)], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  yieldToOthers(process);
  process.once("exit", () => rmSync(ownSpillDir, { recursive: true, force: true }));
  return new ProcessEngine(process);
}

/** Two engines in one folder would overwrite each other's files. Removes those of processes that have ended. */
function spillFolder(spillDir: string): string {
  const own = join(spillDir, `${globalThis.process.pid}-${randomUUID()}`);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(spillDir))
    if (!isRunning(Number.parseInt(name, 10))) rmSync(join(spillDir, name), { recursive: true, force: true });
  return own;
}

function isRunning(pid: number): boolean {
  try {
    return globalThis.process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A quarter of the memory of the machine or container, 1 GiB at most. */
function defaultMemoryBytes(): number {
  return Math.min(1024 ** 3, Math.min(globalThis.process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()) / 4);
}

/** Whoever takes events or answers from rollups goes first: on a busy core this process gets a quarter of its time. */
function yieldToOthers({ pid }: ChildProcess): void {
  if (pid !== undefined) setPriority(pid, 5);
}

type Waiting = {
  readonly take: (page: ListPage) => void;
  readonly resolve: (columns: ColumnValues) => void;
  readonly reject: (error: Error) => void;
};

class ProcessEngine implements Engine {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  isAlive = true;

  constructor(process: ChildProcess) {
    this.#process = process;
    process.on("message", (reply: EngineReply) => this.#settle(reply));
    process.on("exit", () => this.#lose());
    process.on("error", () => this.#lose());
  }

  read(statement: Statement, signal?: AbortSignal): Promise<ColumnValues> {
    return this.#run({ kind: "read", ...statement }, () => {}, signal);
  }

  async readLists(statement: Statement, take: (page: ListPage) => void, signal?: AbortSignal): Promise<void> {
    await this.#run({ kind: "readLists", ...statement }, take, signal);
  }

  close(): void {
    this.#process.kill("SIGKILL");
  }

  async #run(
    statement: Statement & { readonly kind: "read" | "readLists" },
    take: (page: ListPage) => void,
    signal: AbortSignal | undefined,
  ): Promise<ColumnValues> {
    signal?.throwIfAborted();
    if (!this.isAlive) throw new EngineLostError("the engine has ended");
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<ColumnValues>();
    this.#waiting.set(id, { take, resolve, reject });
    const cancel = () => this.#send({ kind: "cancel", id });
    signal?.addEventListener("abort", cancel);
    this.#send({ id, ...statement });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  #send(request: EngineRequest): void {
    // A process that has just ended is noticed by its exit.
    this.#process.send(request, () => {});
  }

  #settle(reply: EngineReply): void {
    const waiting = this.#waiting.get(reply.id);
    // Its caller has given it up.
    if (waiting === undefined) return;
    if (reply.ok && "page" in reply) return this.#take(reply.id, reply.page, waiting);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting.resolve(reply.columns);
    else waiting.reject(new EngineError(reply.message));
  }

  #take(id: number, page: ListPage, { take, reject }: Waiting): void {
    try {
      take(page);
      this.#send({ kind: "taken", id });
    } catch (error) {
      this.#waiting.delete(id);
      this.#send({ kind: "cancel", id });
      reject(error as Error);
    }
  }

  #lose(): void {
    this.isAlive = false;
    for (const { reject } of this.#waiting.values()) reject(new EngineLostError("the engine ended before it answered"));
    this.#waiting.clear();
  }
}
