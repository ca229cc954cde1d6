import { Worker } from "node:worker_threads";
import type { FoldCommand, FoldReport, FoldThreadSettings } from "./fold-thread/messages.ts";

/** The fold, as the thread that takes events sees it. */
export type Folding = {
  /** There is more to fold. */
  wake(): void;
  /** Why nothing can be folded or asked for: the log or the state is damaged; null otherwise. */
  damage(): string | null;
  /** How long the oldest commit that is not folded yet has waited; 0 when none does. */
  lagMs(): number;
  /**
   * Resolves at once while the fold is near, else when it has come near again or a moment has passed: taking events slows down to the
   * pace of counting them, but never stops for it.
   */
  keepUp(): Promise<void>;
  /** Resolves once everything committed is folded, or the deadline has passed. */
  stop(deadlineMs: number): Promise<void>;
};

/** Answers are at most two seconds behind what was acknowledged: beyond half of that, the fold needs the time more than the senders. */
const nearMs = 1_000;
const patienceMs = 500;

/**
 * Starts the fold in a thread of its own.
 * @param onDied called when the thread ends by itself: nothing will be counted any more, so the process should not go on
 */
export function startFolding(settings: FoldThreadSettings, clock: { nowMs(): number }, onDied: (error: unknown) => void): Folding {
  const thread = new Worker(new URL("./fold-thread/main.ts", import.meta.url), { workerData: settings });
  let waitingSinceMs: number | null = null;
  let wokenSinceReport = false;
  let damage: string | null = null;
  let stopped = false;
  const waiting = new Set<() => void>();
  const lagMs = () => (waitingSinceMs === null ? 0 : Math.max(0, clock.nowMs() - waitingSinceMs));
  const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const command = (message: FoldCommand) => thread.postMessage(message);

  thread.on("message", (report: FoldReport) => {
    if (report.kind === "damage") damage = report.reason;
    if (report.kind === "damage") return;
    if (report.kind === "stopped") stopped = true;
    // What was committed since the last report may be neither among what this one folded nor among what it saw waiting.
    else waitingSinceMs = report.waitingSinceMs ?? (wokenSinceReport ? report.atMs : null);
    wokenSinceReport = false;
    if (lagMs() <= nearMs) for (const proceed of waiting) proceed();
  });
  thread.once("error", (error) => onDied(error));
  thread.once("exit", () => {
    if (!stopped) onDied(new Error("the fold thread ended"));
  });

  return {
    wake() {
      wokenSinceReport = true;
      waitingSinceMs ??= clock.nowMs();
      command("more");
    },
    damage: () => damage,
    lagMs,
    keepUp() {
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
