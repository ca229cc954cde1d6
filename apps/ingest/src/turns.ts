import type { Clock } from "@trinity/runtime/clock";
import { failed, type Result } from "@trinity/runtime/result";
import type { Admission, Admitted } from "./admission.ts";
import type { Folding } from "./folding.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { createSenderLines } from "./sender-lines.ts";

/** Does the work of a whole request in the turn of its sender. @param work does what takes time before it first waits */
export type InTurn = <Done>(
  admitted: Admitted,
  bytes: number,
  work: () => Promise<Result<Done, IngestProblem>>,
) => Promise<Result<Done, IngestProblem>>;

export type Turns = {
  readonly inTurn: InTurn;
  /** There may be room again; and what comes next waits for the fold anew. */
  onCommit(): void;
};

export type TurnsSettings = {
  /** Never goes back. */
  readonly clock: Clock;
  readonly admission: Pick<Admission, "refuse" | "noteWorked">;
  /** Whether the next commit has room for more. */
  readonly hasRoom: () => boolean;
  readonly folding: Pick<Folding, "pressure" | "waitForFold">;
};

type Waiting = {
  readonly sender: string;
  readonly bytes: number;
  readonly admitted: Admitted;
  readonly wholeAtMs: number;
  readonly begin: Begin;
};
type Begin = (instead: Result<never, IngestProblem> | null) => void;

/** Work of one iteration of the event loop: requests for the state of the process are answered between two. */
const sliceMs = 2;
const turnBytes = 64 * 1024;
/** A sender with no more than this under way is light. */
const lightBytes = 128 * 1024;
/** Light senders wait for the fold only from this pressure on, others from 1. */
const lightPressureMax = 2;
/** From this pressure on answers stay old for long, as in a rebuild: more than one request of the others goes on after a wait. */
const farBehindPressure = 10;
/** SDKs of OpenTelemetry give up after so long. */
const waitMsMax = 10_000;

/**
 * Works on whole requests, a few in each iteration of the event loop, and only while the next commit has room for their events: until then they
 * wait as the bytes that admission has counted. While the fold is behind, senders with much under way wait for it.
 */
export function createTurns({ clock, admission, hasRoom, folding }: TurnsSettings): Turns {
  const lines = createSenderLines<Waiting>(turnBytes);
  let isScheduled = false;
  let isAskingFold = false;
  /** The fold was waited for long enough: until the next commit begins, one request of a sender who is not light goes on, and all of the light ones. */
  let mayPass = { heavy: false, light: false };

  function schedule(): void {
    if (isScheduled || lines.isEmpty()) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      workOneSlice();
    });
  }

  function workOneSlice(): void {
    const startMs = clock.nowMs();
    const isHeld = heldBy(folding.pressure());
    while (hasRoom()) {
      const next = lines.take(isHeld);
      if (next === undefined) return waitForFold();
      begin(next, startMs);
      if (clock.nowMs() - startMs >= sliceMs) return schedule();
    }
  }

  function heldBy(pressure: number): (first: Waiting) => boolean {
    if (pressure <= 1) return () => false;
    return ({ admitted }) => (isLight(admitted) ? pressure > lightPressureMax && !mayPass.light : !mayPass.heavy);
  }

  function waitForFold(): void {
    if (lines.isEmpty() || isAskingFold) return;
    isAskingFold = true;
    void folding.waitForFold().then(() => {
      isAskingFold = false;
      mayPass = { heavy: true, light: true };
      // At once: another commit would end what was waited for.
      workOneSlice();
    });
  }

  function begin({ admitted, bytes, wholeAtMs, begin: proceed }: Waiting, nowMs: number): void {
    if (!admitted.isUnderWay()) proceed(senderLeft);
    else if (nowMs - wholeAtMs > waitMsMax) proceed(admission.refuse("late", bytes));
    else {
      if (!isLight(admitted) && folding.pressure() < farBehindPressure) mayPass.heavy = false;
      proceed(null);
      admission.noteWorked(bytes);
    }
  }

  return {
    onCommit() {
      mayPass = { heavy: false, light: false };
      schedule();
    },
    inTurn: (admitted, bytes, work) =>
      new Promise((resolve) => {
        admitted.markWhole();
        const begin: Begin = (instead) => resolve(instead ?? work());
        lines.push({ sender: admitted.sender, bytes, admitted, wholeAtMs: clock.nowMs(), begin });
        schedule();
      }),
  };
}

function isLight(admitted: Admitted): boolean {
  return admitted.senderBytes() <= lightBytes;
}

/** Nobody reads it. */
const senderLeft = failed({ kind: "too_much_under_way", permanent: false, detail: "The sender has left.", retryAfterS: 1 } as const);
