import { Worker } from "node:worker_threads";
import type { ReadinessCheck } from "@trinity/http/health";
import type { Clock } from "@trinity/runtime/clock";
import { createFoldLag } from "./fold-lag.ts";
import type { FoldCommand, FoldReport, FoldThreadSettings } from "./fold-thread/messages.ts";

/** The fold, as the thread that takes events sees it. */
export type Folding = {
  /** Something was committed: there is more to fold. */
  wake(): void;
  /** Why nothing can be folded or asked for: the log or the state is damaged; null otherwise. */
  damage(): string | null;
  /** How long the oldest commit that is not folded yet has waited; 0 when none does. */
  lagMs(): number;
  /**
   * Resolves at once while the fold is near, else when it has come near again or a moment has passed: taking events slows down to the
   * pace of counting them, but never stops for it.
   */
  waitForFold(): Promise<void>;
  /** Resolves once everything committed is folded, or the deadline has passed. */
  stop(deadlineMs: number): Promise<void>;
};

/** Answers are at most two seconds behind what was acknowledged: beyond half of that, the fold needs the time more than the senders. */
const nearMs = 1_000;
const patienceMs = 500;
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
  return followFolding(new Worker(new URL("./fold-thread/main.ts", import.meta.url), { workerData: settings }), clock, onDied);
}

/** Follows a fold that runs already. @param onDied as for `startFolding` */
export function followFolding(thread: FoldThread, clock: Clock, onDied: (error: unknown) => void): Folding {
  const lag = createFoldLag();
  let damage: string | null = null;
  let stopped = false;
  const waiting = new Set<() => void>();
  const lagMs = () => lag.lagMs(clock.nowMs());
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const command = (message: FoldCommand) => thread.postMessage(message);

  thread.on("message", (report: FoldReport) => {
    if (report.kind === "stopped") stopped = true;
    else if (report.kind === "damage") damage = report.reason;
    else lag.reported(report);
    if (lagMs() <= nearMs) for (const proceed of waiting) proceed();
  });
  thread.once("error", (error) => onDied(error));
  thread.once("exit", () => {
    if (!stopped) onDied(new Error("the fold thread ended"));
  });

  return {
    wake() {
      lag.committed(clock.nowMs());
      command("more");
    },
    damage: () => damage,
    lagMs,
    waitForFold() {
      if (lagMs() <= nearMs) return Promise.resolve();
      return new Promise((resolve) => {
        const proceed = () => {
          clearTimeout(timer);
          waiting.delete(proceed);
          resolve();
        };
        const timer = setTimeout(proceed, patienceMs);
        waiting.add(proceed);
      });
    },
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
