import { setImmediate as nextIteration } from "node:timers/promises";
import type { StoredEvent } from "@trinity/events/event";
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
  /** Events that wait for their commit. */
  readonly queuedEvents: () => number;
  /** Resolves when nothing waits any more. */
  readonly drained: () => Promise<void>;
};

export type GroupCommitHooks = {
  /** Waited for before each commit: what is behind may ask for a moment. */
  readonly backpressure: () => Promise<void>;
  /** How much work for the fold a commit may have, in the unit of `FoldWork`. */
  readonly commitWork: () => number;
  /** There is something new to fold, of so much work. */
  readonly onCommitted: (work: number) => void;
  readonly onFailed: (error: unknown) => void;
};

type Waiting = { readonly batch: AppendBatch; readonly answer: (appended: Appended) => void };

/** Events that may wait for a commit; above, a sender must come back, before memory grows. */
const queuedEventsMax = 50_000;
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
  { backpressure, commitWork, onCommitted, onFailed }: GroupCommitHooks,
): GroupCommit {
  const queue: Waiting[] = [];
  let queuedEvents = 0;
  let committing = false;
  let wasShared = false;
  const whenDrained: (() => void)[] = [];

  async function commitAll(): Promise<void> {
    while (queue.length > 0) {
      if (wasShared) await gather();
      await backpressure();
      const { group, work } = takeGroup();
      wasShared = group.length > 1;
      const appended = await commit(
        store,
        group.map(({ batch }) => batch),
        onFailed,
      );
      queuedEvents -= eventsIn(group);
      answer(group, appended);
      if (appended.ok) onCommitted(work);
    }
    committing = false;
    for (const resolve of whenDrained.splice(0)) resolve();
  }

  /** Returns after an iteration of the event loop without a new batch. */
  async function gather(): Promise<void> {
    for (let i = 0, gathered = 0; i < gatheringIterationsMax && queue.length > gathered && queuedEvents < commitWorkMax; i++) {
      gathered = queue.length;
      await nextIteration();
    }
  }

  function takeGroup(): { readonly group: readonly Waiting[]; readonly work: number } {
    const { count, work } = partsWithin(queue, Math.min(commitWorkMax, commitWork()), eventsOf);
    return { group: queue.splice(0, count), work };
  }

  return {
    queuedEvents: () => queuedEvents,
    drained: () => (committing ? new Promise((resolve) => whenDrained.push(resolve)) : Promise.resolve()),
    append(batch) {
      if (batch.events.length === 0 && batch.rejections.length === 0) return Promise.resolve(ok({ duplicate: [] }));
      if (queuedEvents + batch.events.length > queuedEventsMax) return Promise.resolve(failed(queueFull));
      queuedEvents += batch.events.length;
      return new Promise((resolve) => {
        queue.push({ batch, answer: resolve });
        if (committing) return;
        committing = true;
        setImmediate(() => void commitAll());
      });
    },
  };
}

async function commit(
  store: Pick<EventStore, "append">,
  batches: readonly AppendBatch[],
  onFailed: GroupCommitHooks["onFailed"],
): Promise<Appended> {
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
    return failed({ kind: "store_unavailable", permanent: false, detail: detailOf(error), retryAfterS: 1 });
  }
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

function eventsIn(group: readonly Waiting[]): number {
  return group.reduce((sum, { batch }) => sum + batch.events.length, 0);
}

const queueFull: IngestProblem = {
  kind: "queue_full",
  permanent: false,
  detail: `${queuedEventsMax} events already wait for their commit.`,
  retryAfterS: 1,
};
