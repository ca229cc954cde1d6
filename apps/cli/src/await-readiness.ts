import type { Clock } from "@trinity/runtime/clock";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
/** The fields of `GET /readyz` that are read here. */
export type ReadinessAnswer = {
  readonly status: number;
  readonly body: { readonly checks?: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>> };
};

export type AwaitReadinessSettings = {
  /** The URL of each process, by its name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Rejects when the process does not answer. */
  readonly ask: (url: string, signal: AbortSignal) => Promise<ReadinessAnswer>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Takes one line for the operator. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
};

const againAfterMs = 250;
/** A starting process is not ready for a moment: print nothing until then. */
const quietMs = 5_000;

/**
 * Waits until `/readyz` of every process is 200. Names a process that is not ready for a while with its reason, once for each
 * reason.
 * @returns false when the signal aborts before
 */
export async function awaitReadiness({ urls, ask, clock, sleep, say, signal }: AwaitReadinessSettings): Promise<boolean> {
  const beganAtMs = clock.nowMs();
  const said = new Set<string>();
  while (!signal.aborted) {
    const reasons = await Promise.all(
      Object.entries(urls).map(async ([name, url]) => {
        const reason = await whyNotReady(() => ask(`${url}/readyz`, signal));
        return reason === null ? null : `waiting: ${name} is not ready: ${reason}`;
      }),
    );
    const lines = reasons.filter((line) => line !== null);
    if (lines.length === 0) return true;
    if (signal.aborted) break;
    const isQuiet = clock.nowMs() - beganAtMs < quietMs;
    for (const line of isQuiet ? [] : lines) {
      if (!said.has(line)) say(line);
      said.add(line);
    }
    await sleepUnlessAborted(sleep, againAfterMs, signal);
  }
  return false;
}

async function whyNotReady(ask: () => Promise<ReadinessAnswer>): Promise<string | null> {
  let answer: ReadinessAnswer;
  try {
    answer = await ask();
  } catch {
    return "it does not answer";
  }
  if (answer.status === 200) return null;
  // Several checks often fail for the same reason.
  const reasons = new Set(
    Object.values(answer.body.checks ?? {}).flatMap(({ ok, reason }) => (ok || reason === undefined ? [] : [reason])),
  );
  return reasons.size === 0 ? `it answers ${answer.status}` : [...reasons].join("; ");
}

const answerWithinMs = 5_000;

/** @throws when there is no answer in JSON within five seconds */
export async function askReadiness(url: string, signal: AbortSignal): Promise<ReadinessAnswer> {
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]) });
  return { status: answer.status, body: (await answer.json()) as ReadinessAnswer["body"] };
}
