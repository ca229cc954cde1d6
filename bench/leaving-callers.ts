import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf } from "@trinity/testing/process-tree";
import type { HttpQuestion } from "./log-questions.ts";
import { processUsage } from "./process-usage.ts";

/** The API to ask: its process, and how to send it a question that can be given up. */
export type LeavingSettings = {
  readonly apiPid: number;
  readonly send: (question: HttpQuestion, signal: AbortSignal) => Promise<unknown>;
};

/** By then a heavy question is in the engine. */
const leaveAfterMs = 200;
const sampleEveryMs = 10;
/** The kernel counts in ticks of 10 ms, and a timer of an idle process takes part of one. */
const idleSeconds = 0.01;
const idleSamples = 4;
const waitMsMax = 30_000;

/**
 * Asks each question, leaves, and waits until the processes behind the API do nothing any more.
 * @returns milliseconds from leaving until then, by question; null for a question that was answered before
 */
export async function freedAfterLeaving(
  questions: readonly HttpQuestion[],
  { apiPid, send }: LeavingSettings,
): Promise<readonly (number | null)[]> {
  const freed: (number | null)[] = [];
  for (const question of questions) {
    const leaving = new AbortController();
    let isAnswered = false;
    const sent = send(question, leaving.signal).then(
      () => (isAnswered = true),
      () => {},
    );
    await sleep(leaveAfterMs);
    leaving.abort();
    const idleMs = await idleAfter(() => cpuSecondsBelow(apiPid));
    await sent;
    freed.push(isAnswered ? null : idleMs);
  }
  return freed;
}

/** @returns milliseconds until the CPU time stands still */
async function idleAfter(cpuSeconds: () => number): Promise<number> {
  const startMs = performance.now();
  let busyUntilMs = startMs;
  let before = cpuSeconds();
  for (let idle = 0; idle < idleSamples; ) {
    await sleep(sampleEveryMs);
    const now = cpuSeconds();
    if (now - before > idleSeconds / 2) [idle, before, busyUntilMs] = [0, now, performance.now()];
    else idle += 1;
    if (performance.now() - startMs > waitMsMax) throw new Error(`the processes behind the API are still busy after ${waitMsMax} ms`);
  }
  return busyUntilMs - startMs;
}

function cpuSecondsBelow(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + processUsage(child).cpuSeconds + cpuSecondsBelow(child), 0);
}
