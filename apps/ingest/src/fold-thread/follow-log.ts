import { DamagedDataError, DamagedStateError, type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldNext } from "@trinity/storage/fold-log";
import type { FoldTurn } from "./fold-turn.ts";
import type { FoldReport } from "./messages.ts";

export type FollowSettings = {
  readonly store: EventStore;
  readonly turn: FoldTurn;
  /** Between two folds, so that under load each has much to share its commit with. */
  readonly restMs: number;
  /** Without news, how long until the next look. */
  readonly idleMs: number;
  /** Whether to go on while the store cannot be reached, as one over a network may for a moment. */
  readonly outlastsOutages: boolean;
  readonly nowMs: () => number;
  /** Resolves after so long. */
  readonly pause: (ms: number) => Promise<void>;
  readonly news: FoldNews;
  readonly report: (message: FoldReport & { readonly kind: "folded" }) => void;
};

/** What the thread is told. */
export type FoldNews = {
  /** Whether it is to end once everything is folded. */
  isStopping(): boolean;
  /** Whether there was any news since it was last asked. */
  take(): boolean;
  /** Resolves after so long, or at once when there is news. */
  wait(ms: number): Promise<void>;
};

/**
 * Folds what is behind the mark, again and again, until it is told to stop and everything is folded. While it is another process's turn it
 * only looks how far that one is.
 */
export async function followLog(settings: FollowSettings): Promise<void> {
  const { store, turn, restMs, idleMs, outlastsOutages, nowMs, pause, news, report } = settings;
  let isWaiting = false;

  /** @returns how long the oldest commit that is not folded yet has waited; 0 when none does */
  async function reportFolded(): Promise<number> {
    const { seq } = await store.readMark();
    const [waiting] = await store.readChunks(seq, 1);
    const atMs = nowMs();
    isWaiting = waiting !== undefined;
    report({ kind: "folded", seq, atMs, waitingSinceMs: waiting?.receivedAtMs ?? null });
    return Math.max(0, atMs - (waiting?.receivedAtMs ?? atMs));
  }

  /** @returns whether anything is left to do */
  async function look(): Promise<boolean> {
    const wasTold = news.take();
    const isMine = await turn.take();
    const folded = isMine ? await foldOnce(store, nowMs()) : 0;
    // Who takes events believes that they wait until told that they do not: another process may have folded them.
    const waitedMs = folded > 0 || wasTold || isWaiting || !isMine ? await reportFolded() : 0;
    if (folded === 0 && news.isStopping() && (isMine || !isWaiting)) return false;
    if (folded === 0) await news.wait(idleMs);
    // A fold that is behind goes on at once.
    if (!news.isStopping() && waitedMs < restMs) await pause(restMs - waitedMs);
    return true;
  }

  for (let isOver = false; !isOver; ) {
    try {
      isOver = !(await look());
    } catch (error) {
      if (error instanceof DamagedDataError) {
        // Nothing of it is counted, and nothing lost: the watermark stays. It may be put back.
        isOver = news.isStopping();
        if (!isOver) await pause(idleMs);
        continue;
      }
      if (!outlastsOutages || !(error instanceof StoreUnavailableError)) throw error;
      await pause(idleMs);
    }
  }
  await turn.release();
}

/** @returns how many chunks were folded */
async function foldOnce(store: EventStore, nowMs: number): Promise<number> {
  try {
    return await foldNext(store, nowMs);
  } catch (error) {
    if (!(error instanceof DamagedStateError)) throw error;
    // Until verification has set it right, what is taken waits to be counted, and readiness says so.
    return 0;
  }
}
