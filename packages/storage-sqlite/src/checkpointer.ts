import { Worker } from "node:worker_threads";
import type { Database, Statement } from "better-sqlite3";

/** In frames of the WAL, which are pages of 4 KiB. */
export type CheckpointLimits = {
  /** From this many frames on the worker makes a checkpoint. */
  readonly waitingFrames: number;
  /** From this size on the writer itself completes the checkpoint, so that the WAL restarts. */
  readonly walFramesMax: number;
};

export const logCheckpointLimits: CheckpointLimits = { waitingFrames: 1_000, walFramesMax: 16_384 };

type WalSize = { readonly busy: number; readonly log: number; readonly checkpointed: number };

/**
 * Makes the checkpoints of a database in a worker, because they are half of all its writes. Under continuous commits the worker never
 * catches up completely, so every 64 MiB the writer copies the remaining pages.
 * A failed checkpoint does not affect commits: they are in the WAL, and the next commit tries again.
 */
export class Checkpointer {
  readonly #database: Database;
  readonly #limits: CheckpointLimits;
  readonly #walSize: Statement<[], WalSize>;
  readonly #finish: Statement<[], WalSize>;
  #worker: Worker | null = null;
  #workerState: "idle" | "working" | "failed" = "idle";
  #seenFrames = 0;
  #finishAtFrames: number;

  /** @param database the writer's connection; its `wal_autocheckpoint` is 0 from here on */
  constructor(database: Database, limits: CheckpointLimits) {
    this.#database = database;
    this.#limits = limits;
    this.#finishAtFrames = limits.walFramesMax;
    database.pragma("wal_autocheckpoint = 0");
    this.#walSize = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#finish = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  }

  afterCommit(): void {
    try {
      const { log, checkpointed } = this.#walSize.get() as WalSize;
      const startedOver = log < this.#seenFrames;
      this.#seenFrames = log;
      if (startedOver) this.#finishAtFrames = this.#limits.walFramesMax;
      if (log >= this.#finishAtFrames) this.#finishCheckpoint();
      else if (log - checkpointed >= this.#limits.waitingFrames && this.#workerState === "idle") this.#askWorker();
    } catch {
      // See above: the next commit tries again.
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  // A reader with an old snapshot prevents the WAL from restarting. Then wait until it has grown, instead of trying at every commit.
  #finishCheckpoint(): void {
    const { log } = this.#finish.get() as WalSize;
    this.#finishAtFrames = log + this.#limits.waitingFrames;
  }

  #askWorker(): void {
    this.#worker ??= this.#startWorker();
    this.#workerState = "working";
    this.#worker.postMessage("checkpoint");
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), {
      workerData: this.#database.name,
      // It makes no objects to speak of.
      resourceLimits: { maxYoungGenerationSizeMb: 3 },
    });
    worker.unref();
    worker.on("message", () => {
      this.#workerState = "idle";
    });
    // Without a worker the writer still bounds the WAL, with longer pauses.
    worker.on("error", () => {
      this.#workerState = "failed";
    });
    return worker;
  }
}
