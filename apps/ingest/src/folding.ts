import { Worker } from "node:worker_threads";
import type { ReadinessCheck } from "@trinity/http/health";
import type { Clock } from "@trinity/runtime/clock";
import { createFoldLag } from "./fold-lag.ts";
import { commitFoldMs, type FoldCommand, type FoldReport, type FoldThreadSettings } from "./fold-thread/messages.ts";

/** The fold, as the thread that takes events sees it. */
export type Folding = {
  /** Something was committed: there is more to fold. @param work as in `FoldWork` */
  wake(work: number): void;
  /** Why nothing can be folded or asked for: the log or the state is damaged; null otherwise. */
  damage(): string | null;
  /** How long the oldest commit that is not folded yet has waited; 0 when none does. */
  lagMs(): number;
  /** How long it has folded, since it began. */
  foldedForMs(): number;
  /** How far the fold is behind: up to 1 it is near, from 2 on answers may be too old; 0 while it is damaged, because nobody could keep them fresh. */
  pressure(): number;
  /**
   * Resolves at once while the fold is near, else when it has come near again or a moment has passed, of five seconds at most after a large commit:
   * taking events slows down to the pace of counting them, but never stops for it.
   */
  waitForFold(): Promise<void>;
  /** How much a commit may have so that it is folded soon, in the unit of `FoldWork`. */
  commitWork(): number;
  /** Resolves once everything committed is folded, or the deadline has passed. */
  stop(deadlineMs: number): Promise<void>;
};

/** Answers are at most two seconds behind what was acknowledged: beyond half of that, the fold needs the time more than the senders. */
const nearMs = 1_000;
const patienceMs = 500;
/** One request may have more than is folded within minutes: 20 MiB of spans of as many hours. Those that wait meanwhile give up after ten seconds. */
const patienceMostMs = 5_000;
/** So many full commits may wait: what is more is not counted soon either, however young it is. */
const commitsNear = 5;
/** Three semi-spaces of 24 MiB: with those of 8 that the main thread has, collecting took a quarter longer here. */
const maxYoungGenerationSizeMb = 72;
/** A fold that is further behind makes the process unready. */
const readyLagMaxMs = 10_000;

/** The thread that folds, seen from outside. */
export type FoldThread = {
  postMessage(command: FoldCommand): void;
  on(event: "message", listener: (report: FoldReport) => void): unknown;
  once(event: "error", listener: (error: unknown) => void): unknown;
  once(event: "exit", listener: () => void): unknown;
  terminate(): Promise<unknown>;
};

/**
 * Starts the fold in a thread of its own.
 * @param onDied called when the thread ends by itself: nothing will be counted any more, so the process should not go on
 */
export function startFolding(settings: FoldThreadSettings, clock: Clock, onDied: (error: unknown) => void): Folding {
  const thread = new Worker(new URL("./fold-thread/main.ts", import.meta.url), {
    workerData: settings,
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  return followFolding(thread, clock, onDied);
}

/** Follows a fold that runs already. @param onDied as for `startFolding` */
export function followFolding(thread: FoldThread, clock: Clock, onDied: (error: unknown) => void): Folding {
  const lag = createFoldLag();
  let damage: string | null = null;
  let stopped = false;
  let commitWork = Number.POSITIVE_INFINITY;
  let lastWork = 0;
  let foldedForMs = 0;
  const waiting = new Set<() => void>();
  const lagMs = () => lag.lagMs(clock.nowMs());
  /** A large commit holds the next one up for longer than it takes to fold, or the fold would never come near again; but the fold may fail. */
  const patience = () => Math.min(Math.max(patienceMs, 1.5 * commitFoldMs * (lastWork / commitWork)), patienceMostMs);
  const pressure = () => (damage === null ? Math.max(lagMs() / nearMs, lag.waitingWork() / (commitsNear * commitWork)) : 0);
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const command = (message: FoldCommand) => thread.postMessage(message);

  thread.on("message", (report: FoldReport) => {
    if (report.kind === "stopped") stopped = true;
    else if (report.kind === "damage") damage = report.reason;
    else {
      lag.reported(report);
      ({ commitWork, foldedForMs } = report);
    }
    if (pressure() <= 1) for (const proceed of waiting) proceed();
  });
  thread.once("error", (error) => onDied(error));
  thread.once("exit", () => {
    if (!stopped) onDied(new Error("the fold thread ended"));
  });

  return {
    wake(work) {
      lag.committed(clock.nowMs(), work);
      lastWork = work;
      command("more");
    },
    damage: () => damage,
    lagMs,
    foldedForMs: () => foldedForMs,
    pressure,
    waitForFold() {
      if (pressure() <= 1) return Promise.resolve();
      return new Promise((resolve) => {
        const proceed = () => {
          clearTimeout(timer);
          waiting.delete(proceed);
          resolve();
        };
        const timer = setTimeout(proceed, patience());
        waiting.add(proceed);
      });
    },
    commitWork: () => commitWork,
    async stop(deadlineMs) {
      command("stop");
      const timer = setTimeout(() => {
        stopped = true;
        void thread.terminate();
      }, deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Whether what is folded can be asked for, and more can be folded. */
export function stateCheck({ damage }: Pick<Folding, "damage">): ReadinessCheck {
  return async () => {
    const reason = damage();
    return reason === null ? { ok: true } : { ok: false, reason };
  };
}

/** Whether the fold keeps up with what was acknowledged. */
export function foldCheck({ lagMs }: Pick<Folding, "lagMs">): ReadinessCheck {
  return async () => (lagMs() < readyLagMaxMs ? { ok: true } : { ok: false, reason: "the fold is behind" });
}
