import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { type Child, ChildLostError, startChild } from "@trinity/lifecycle/child-calls";
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
  return new ProcessEngine(
    startChild({
      script: new URL("./engine-process.ts", import.meta.url),
      args: [JSON.stringify(settings)],
      onEnd: () => rmSync(ownSpillDir, { recursive: true, force: true }),
    }),
  );
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

class ProcessEngine implements Engine {
  readonly #child: Child<EngineRequest, ListPage, EngineReply>;

  constructor(child: Child<EngineRequest, ListPage, EngineReply>) {
    this.#child = child;
  }

  get isAlive(): boolean {
    return this.#child.isAlive;
  }

  read(statement: Statement, signal?: AbortSignal): Promise<ColumnValues> {
    return this.#run({ kind: "read", ...statement }, () => {}, signal);
  }

  async readLists(statement: Statement, take: (page: ListPage) => void, signal?: AbortSignal): Promise<void> {
    await this.#run({ kind: "readLists", ...statement }, take, signal);
  }

  close(): void {
    this.#child.kill();
  }

  async #run(request: EngineRequest, take: (page: ListPage) => void, signal: AbortSignal | undefined): Promise<ColumnValues> {
    const reply = await this.#child.call(request, take, signal).catch((error: unknown) => {
      throw error instanceof ChildLostError ? new EngineLostError("the engine ended before it answered") : error;
    });
    if ("message" in reply) throw new EngineError(reply.message);
    return reply.columns;
  }
}
