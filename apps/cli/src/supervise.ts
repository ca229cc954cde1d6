import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import type { Child, ExitWay } from "./child-process.ts";
import { decideRestart, newHistory, type RestartDecision, startsMaxBeforeReady } from "./restart-policy.ts";

export type SupervisionSettings = {
  /** Names the process in messages. */
  readonly name: string;
  /** @param readyBefore the earlier `ready` line of the process, so that it reuses its ports; `null` at first */
  readonly start: (readyBefore: string | null) => Child;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  /** Takes one line for the operator. */
  readonly say: (line: string) => void;
  /** Ends supervision: the process is stopped, a wait ends early, nothing is started again. */
  readonly signal: AbortSignal;
  /** How long the process may take to stop. */
  readonly stopWithinMs: number;
};

/** A process that is restarted whenever it ends. */
export type SupervisedProcess = {
  /** Resolves with its first `ready` line; with `null` if it never will be ready. */
  readonly ready: Promise<string | null>;
  /** Resolves once supervision is over: with 0 if it was asked to stop, else with the exit code. */
  readonly ended: Promise<number>;
};

/** Keeps a process running until it is asked to stop, or until a restart cannot help. */
export function supervise(settings: SupervisionSettings): SupervisedProcess {
  const firstReady = Promise.withResolvers<string | null>();
  const ended = keepRunning(settings, firstReady.resolve).finally(() => firstReady.resolve(null));
  return { ready: firstReady.promise, ended };
}

async function keepRunning(settings: SupervisionSettings, onReady: (ready: string) => void): Promise<number> {
  const { name, start, clock, random, sleep, say, signal } = settings;
  let history = newHistory;
  let readyBefore: string | null = null;
  while (!signal.aborted) {
    const child = start(readyBefore);
    const stop = () => void child.stop(settings.stopWithinMs);
    signal.addEventListener("abort", stop);
    const ready = await child.ready;
    const readyAtMs = clock.nowMs();
    if (ready !== null) {
      if (readyBefore !== null) say(`${name} is ready again`);
      readyBefore = ready;
      onReady(ready);
    }
    const way = await child.ended;
    signal.removeEventListener("abort", stop);
    if (signal.aborted) break;
    const decision = decideRestart(history, { ...way, readyForMs: ready === null ? null : clock.nowMs() - readyAtMs }, random());
    say(`${name} ${wayText(way)}${ready === null ? " before it was ready" : ""}: ${decisionText(decision)}`);
    if (decision.kind === "give up") return decision.code;
    history = decision.history;
    await sleepUnlessAborted(sleep, decision.afterMs, signal);
  }
  return 0;
}

function wayText({ code, signal }: ExitWay): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

function decisionText(decision: RestartDecision): string {
  if (decision.kind === "restart") return `it is started again in ${(decision.afterMs / 1_000).toFixed(1)} s`;
  if (decision.why === "configuration") return "its configuration is wrong, so it is not started again and all else is stopped";
  return `so did ${startsMaxBeforeReady} starts, so it is not started again and all else is stopped`;
}
