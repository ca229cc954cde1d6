import { setImmediate as nextIteration } from "node:timers/promises";
import type { StoredEvent } from "@trinity/events/event";
import type { Clock } from "@trinity/runtime/clock";
import { failed, ok, type Result } from "@trinity/runtime/result";
import {
  type AppendBatch,
  type AppendOutcome,
  DamagedDataError,
  type EventStore,
  StoreUnavailableError,
} from "@trinity/storage/event-store";
import { partsWithin } from "@trinity/storage/fold-work";
import type { IngestProblem } from "./ingest-problem.ts";

type Appended = Result<AppendOutcome, IngestProblem>;
export type Append = (batch: AppendBatch) => Promise<Appended>;

export type GroupCommit = {
  readonly append: Append;
  /** Events, and rejections, that wait for their commit. */
  readonly queuedEvents: () => number;
  /** Whether the next commit may take more than waits for it. */
  readonly hasRoom: () => boolean;
  /** Time in commits since the start. */
  readonly committedForMs: () => number;
  /** Resolves when nothing waits any more. */
  readonly drained: () => Promise<void>;
};

export type GroupCommitSettings = {
  /** Never goes back. */
  readonly clock: Clock;
  /** A commit begins, with all that has waited for it: there may be room for more. */
  readonly onCommit: () => void;
  /** How much work for the fold a commit may have, in the unit of `FoldWork`. */
  readonly commitWork: () => number;
  /** There is something new to fold, of so much work. */
  readonly onCommitted: (work: number) => void;
  readonly onFailed: (error: unknown) => void;
  /** When the senders of a commit that failed may come back. */
  readonly retryAfterS: () => number;
};

type Waiting = { readonly batch: AppendBatch; readonly answer: (appended: Appended) => void };

/** One commit takes no more than this (`FoldWork`), so that no sender waits for a very long one. */
const commitWorkMax = 4_000;
/** A commit costs as much as many events. So under load it waits while iterations of the event loop bring more batches, but only for so many. */
const gatheringIterationsMax = 8;

/**
 * Appends in groups: all batches that become ready in one iteration of the event loop, or while a commit is under way, share one commit and
 * its sync to disk. After a commit that was shared, those that wait also wait for others, as long as iterations bring any.
 * A batch is answered when, and only when, its commit is durable.
 */
export function createGroupCommit(
  store: Pick<EventStore, "append">,
  { clock, onCommit, commitWork, onCommitted, onFailed, retryAfterS }: GroupCommitSettings,
): GroupCommit {
  const queue: Waiting[] = [];
  let queuedEvents = 0;
  let committing = false;
  let wasShared = false;
  let committedForMs = 0;
  const whenDrained: (() => void)[] = [];

  async function commitAll(): Promise<void> {
    while (queue.length > 0) {
      if (wasShared) await gather();
      const { group, work } = takeGroup();
      wasShared = group.length > 1;
      onCommit();
      const startedMs = clock.nowMs();
      const appended = await commit(group.map(({ batch }) => batch));
      committedForMs += clock.nowMs() - startedMs;
      answer(group, appended);
      if (appended.ok) onCommitted(work);
    }
    committing = false;
    for (const resolve of whenDrained.splice(0)) resolve();
  }

  async function commit(batches: readonly AppendBatch[]): Promise<Appended> {
    try {
      const outcome = await store.append({
        receivedAtMs: Math.min(...batches.map(({ receivedAtMs }) => receivedAtMs)),
        events: batches.flatMap(({ events }) => events),
        rejections: batches.flatMap(({ rejections }) => rejections),
      });
      return ok(outcome);
    } catch (error) {
      onFailed(error);
      // Whatever it was, nothing of this group is acknowledged: its senders keep it and try again.
      return failed({ kind: "store_unavailable", permanent: false, detail: detailOf(error), retryAfterS: retryAfterS() });
    }
  }

  /** Returns after an iteration of the event loop without a new batch. */
  async function gather(): Promise<void> {
    for (let i = 0, gathered = 0; i < gatheringIterationsMax && queue.length > gathered && hasRoom(); i++) {
      gathered = queue.length;
      await nextIteration();
    }
  }

  /** An event has about one of work. */
  const hasRoom = () => queuedEvents < Math.min(commitWorkMax, commitWork());

  function takeGroup(): { readonly group: readonly Waiting[]; readonly work: number } {
    const { count, work } = partsWithin(queue, Math.min(commitWorkMax, commitWork()), eventsOf);
    const group = queue.splice(0, count);
    queuedEvents -= group.reduce((sum, { batch }) => sum + sizeOf(batch), 0);
    return { group, work };
  }

  return {
    queuedEvents: () => queuedEvents,
    committedForMs: () => committedForMs,
    hasRoom,
    drained: () => (committing ? new Promise((resolve) => whenDrained.push(resolve)) : Promise.resolve()),
    append(batch) {
      if (sizeOf(batch) === 0) return Promise.resolve(ok({ duplicate: [] }));
      queuedEvents += sizeOf(batch);
      return new Promise((resolve) => {
        queue.push({ batch, answer: resolve });
        if (committing) return;
        committing = true;
        setImmediate(() => void commitAll());
      });
    },
  };
}

function detailOf(error: unknown): string {
  if (error instanceof DamagedDataError) return error.reason;
  return error instanceof StoreUnavailableError ? "The store cannot take events now." : "The store failed to take the events.";
}

/** Gives every batch its slice of the outcome of the commit. */
function answer(group: readonly Waiting[], appended: Appended): void {
  let at = 0;
  for (const { batch, answer: resolve } of group) {
    resolve(appended.ok ? ok({ duplicate: appended.value.duplicate.slice(at, (at += batch.events.length)) }) : appended);
  }
}

function* eventsOf({ batch }: Waiting): Generator<StoredEvent> {
  for (const { event } of batch.events) yield event;
}

function sizeOf({ events, rejections }: AppendBatch): number {
  return events.length + rejections.length;
}
