import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { AskedIn, Query } from "@trinity/query/query";
import type { Clock } from "@trinity/runtime/clock";
import { failed, type Result } from "@trinity/runtime/result";
import { BusyError } from "./busy-error.ts";
import { type FairLimits, FairQueue } from "./fair-queue.ts";

/** The engine runs two statements at once, and each uses all cores: more questions would only take more memory. */
const limits: FairLimits = { runningMax: 4, runningOfCallerMax: 2, waitingMax: 400, waitingOfCallerMax: 100 };
/** After so much of them a request starts no further question. */
const requestMsMax = 30_000;

type AnyResult = Result<Answer<never>, QueryFailure>;

/** What the heavy questions of one request share. */
type Shared = { spentMs: number; readonly answers: Map<string, Promise<AnyResult>> };

type Waiting = {
  readonly request: AskedIn;
  readonly run: () => Promise<AnyResult>;
  readonly settled: PromiseWithResolvers<AnyResult>;
};

/**
 * Lets callers take turns at heavy questions. Those of one request are answered one after another, equal ones once, and share a budget of time.
 * @param heavy answers them
 * @returns the same answers. Throws `BusyError` when too many questions wait, or a request has had its time
 */
export function takingTurns(heavy: Query, clock: Clock): Query {
  const queue = new FairQueue<Waiting>(limits);
  const sharedBy = new WeakMap<AskedIn, Shared>();

  function sharedOf(request: AskedIn): Shared {
    const shared = sharedBy.get(request) ?? { spentMs: 0, answers: new Map() };
    sharedBy.set(request, shared);
    return shared;
  }

  function runNext(): void {
    for (let next = queue.take(); next !== null; next = queue.take()) void run(next);
  }

  async function run(one: Waiting): Promise<void> {
    const shared = sharedOf(one.request);
    const startMs = clock.nowMs();
    try {
      if (shared.spentMs >= requestMsMax) throw requestIsOver();
      one.settled.resolve(await one.run());
    } catch (error) {
      one.settled.reject(error);
    } finally {
      shared.spentMs += clock.nowMs() - startMs;
      queue.end(one);
      runNext();
    }
  }

  function inTurn(one: Waiting, signal: AbortSignal | undefined): Promise<AnyResult> {
    if (!queue.add(one)) throw tooManyWait();
    // What runs already is ended by the signal itself.
    const leave = () => queue.remove(one) && one.settled.resolve(failed({ kind: "cancelled" }));
    signal?.addEventListener("abort", leave);
    runNext();
    return one.settled.promise.finally(() => signal?.removeEventListener("abort", leave));
  }

  return {
    async answer(question, caller, nowMs, signal, request = { caller: JSON.stringify(caller) }, planned) {
      signal?.throwIfAborted();
      const { answers } = sharedOf(request);
      const key = JSON.stringify(question);
      const run = () => heavy.answer(question, caller, nowMs, signal, request, planned) as Promise<AnyResult>;
      const answer = answers.get(key) ?? inTurn({ request, run, settled: Promise.withResolvers() }, signal);
      answers.set(key, answer);
      return answer;
    },
  };
}

function tooManyWait(): BusyError {
  return new BusyError("Too many questions that read the log wait already. Ask again later.", 5);
}

function requestIsOver(): BusyError {
  const detail = `The questions of this request that read the log have taken ${requestMsMax / 1_000} seconds. Ask the others in a request of their own.`;
  return new BusyError(detail, 1);
}
