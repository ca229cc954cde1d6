import { DamagedDataError, type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { type FoldedPart, foldNextOrRepeat } from "@trinity/storage/fold-log";
import type { FoldLease } from "./fold-lease.ts";
import { FoldPace } from "./fold-pace.ts";
import { commitFoldMs, type FoldReport } from "./messages.ts";

export type FollowSettings = {
  readonly store: EventStore;
  readonly foldLease: FoldLease;
  /** The least time between two folds. A fold that took long rests longer. */
  readonly restMs: number;
  /** Without news, how long until the next look. */
  readonly idleMs: number;
  readonly nowMs: () => number;
  /** Resolves after so long. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly news: FoldNews;
  readonly report: (message: FoldReport & { readonly kind: "folded" | "damage" }) => void;
};

/** What the thread is told. */
export type FoldNews = {
  /** Whether it is to end once everything is folded. */
  isStopping(): boolean;
  /** How many commits it has been told of so far; what came before this call ends no wait any more. */
  take(): number;
  /** Resolves after so long, or at once when there is news. */
  wait(ms: number): Promise<void>;
};

/**
 * The longest time between two folds, where `restMs` is no longer: events that waited so long and are then folded are still counted within
 * half of the two seconds that answers may be behind.
 */
const restMostMs = 500;

/** A fold begins in time to be over before its oldest event has waited so long: from a second on, what takes events is held up. */
const foldedByMs = 900;

/** A fold takes as much as it likely folds within so long: what comes meanwhile waits for the next one. */
const foldMs = 700;

const nothingFolded: FoldedPart = { chunks: 0, work: 0, workLeft: 0 };

/**
 * Folds what is behind the mark, again and again, until it is told to stop and everything is folded. While it is another process's turn it
 * only looks how far that one is.
 */
export async function followLog(settings: FollowSettings): Promise<void> {
  const { store, foldLease, restMs, idleMs, nowMs, sleep, news, report } = settings;
  /** Unknown until the first look is over. */
  let damage: string | null | undefined;
  // Until the first report nobody knows whether something waits.
  let isWaiting = true;
  let commitsReported = 0;
  let foldedForMs = 0;
  const pace = new FoldPace();

  /** @returns how long the oldest commit that is not folded yet has waited; 0 when none does */
  async function reportFolded(commitsSeen: number, waitingWork: number): Promise<number> {
    const { seq } = await store.readWatermark();
    const [waiting] = await store.readChunks(seq, 1);
    const atMs = nowMs();
    isWaiting = waiting !== undefined;
    report({
      kind: "folded",
      seq,
      commitsSeen,
      waitingSinceMs: waiting?.receivedAtMs ?? null,
      waitingWork,
      commitWork: pace.workWithin(commitFoldMs),
      foldedForMs,
    });
    commitsReported = commitsSeen;
    return Math.max(0, atMs - (waiting?.receivedAtMs ?? atMs));
  }

  function reportDamage(reason: string | null): void {
    if (reason !== (damage ?? null)) report({ kind: "damage", reason });
    damage = reason;
  }

  /** @returns whether anything is left to do */
  async function look(): Promise<boolean> {
    const commitsSeen = news.take();
    const isMine = await foldLease.take();
    const startedMs = nowMs();
    const workMax = pace.workWithin(foldMs);
    const { chunks: folded, work, workLeft } = isMine ? await foldNextOrRepeat(store, startedMs, workMax) : nothingFolded;
    const tookMs = nowMs() - startedMs;
    foldedForMs += tookMs;
    pace.folded(work, tookMs);
    // Commits count as waiting until a report covers them, also when a look failed before its report or another process folded them.
    const isNews = folded > 0 || commitsSeen > commitsReported || isWaiting || !isMine;
    const waitedMs = isNews ? await reportFolded(commitsSeen, workLeft) : 0;
    if (folded === 0 && news.isStopping() && (isMine || !isWaiting)) return false;
    if (folded === 0) await news.wait(idleMs);
    // The longer a fold took, the more the next one shall have to share its commit with. One that is behind, or left something, need not wait for it.
    const restingMs = workLeft > 0 ? restMs : Math.max(restMs, Math.min(2 * tookMs, restMostMs, foldedByMs - tookMs));
    if (!news.isStopping() && waitedMs < restingMs) await sleep(restingMs - waitedMs);
    return true;
  }

  for (let isOver = false; !isOver; ) {
    try {
      isOver = !(await look());
      if (damage !== null) reportDamage(await damageOf(store));
    } catch (error) {
      // Of a damaged log or state nothing is counted, and nothing lost: the watermark stays. What is taken waits until the damage is repaired.
      if (error instanceof DamagedDataError) {
        reportDamage(error.reason);
        isOver = news.isStopping();
        if (!isOver) await sleep(idleMs);
        continue;
      }
      // A network and a disk may fail for a while: what is taken waits, and readiness says so.
      if (!(error instanceof StoreUnavailableError)) throw error;
      await sleep(idleMs);
    }
  }
  await foldLease.release();
}

/** @returns why questions about what is folded cannot be answered; null when they can */
async function damageOf(store: EventStore): Promise<string | null> {
  try {
    await store.readRollups([]);
    return null;
  } catch (error) {
    if (error instanceof DamagedDataError) return error.reason;
    throw error;
  }
}
