import { type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { manualClock } from "@trinity/testing/manual-clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FoldLease, leasedFold, onlyFolder } from "./fold-thread/fold-lease.ts";
import { createFoldNews } from "./fold-thread/fold-news.ts";
import { followLog } from "./fold-thread/follow-log.ts";
import type { FoldReport } from "./fold-thread/messages.ts";
import { type FoldThread, foldCheck, followFolding } from "./folding.ts";

/** A new signal for each sleep: a shared one would collect the listeners of all. */
const never = () => new AbortController().signal;
const hourMs = 3_600_000;
/** As ingest waits for nothing below this lag. */
const nearMs = 1_000;

type Delays = {
  readonly storeMs: () => number;
  readonly messageMs: () => number;
  /** Whether a call of the fold to its store fails for now. */
  readonly isAway: () => boolean;
};
const noDelays: Delays = { storeMs: () => 0, messageMs: () => 0, isAway: () => false };

/** Processes that take events and fold them, each as the real one does, over one store and one clock; only threads are simulated. */
function system(isShared: boolean, delays: Delays) {
  const store = openMemoryStore();
  const leases = openMemoryLeaseStore();
  const clock = manualClock(1_700_000_000_000);
  let serial = 0;

  /** What the fold thread sees of the store: each call takes a while, before and after it is done, and may fail. */
  const slow = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      await clock.pause(delays.storeMs(), never());
      if (delays.isAway()) throw new StoreUnavailableError("away");
      const result = await call(...args);
      await clock.pause(delays.storeMs(), never());
      return result;
    };
  };
  const slowStore: EventStore = {
    ...store,
    readWatermark: slow(store.readWatermark),
    readChunks: slow(store.readChunks),
    readEntities: slow(store.readEntities),
    commitFold: slow(store.commitFold),
  };

  /** Messages arrive late, but in their order. */
  function channel<Message>(receive: (message: Message) => void): (message: Message) => void {
    let last = Promise.resolve();
    return (message) => {
      const sent = clock.pause(delays.messageMs(), never());
      last = Promise.all([last, sent]).then(() => receive(message));
    };
  }

  function startProcess(holder: string) {
    let receiveReport: (report: FoldReport) => void = () => {};
    const news = createFoldNews(clock.pause);
    const foldLease: FoldLease = isShared
      ? leasedFold({ leases, name: "fold", holder, forMs: 1_500, clock, pause: clock.pause })
      : onlyFolder;
    const report = channel<FoldReport>((message) => receiveReport(message));
    void followLog({
      store: slowStore,
      foldLease,
      restMs: isShared ? 700 : 200,
      idleMs: 500,
      nowMs: clock.nowMs,
      sleep: (ms) => clock.pause(ms, never()),
      news,
      report,
    });
    const thread: FoldThread = {
      postMessage: channel(news.receive),
      on: (_, listener) => void (receiveReport = listener),
      once: () => {},
      terminate: async () => {},
    };
    const folding = followFolding(thread, clock, (error) => expect.unreachable(String(error)));
    /** The commits of this process that it was told are durable. */
    const own: { readonly seq: number; readonly atMs: number }[] = [];
    return {
      folding,
      check: foldCheck(folding),
      async commit() {
        await store.append({ ...batchOf([newEvent(`e${serial++}`)]), receivedAtMs: clock.nowMs() });
        own.push({ seq: await store.headSeq(), atMs: clock.nowMs() });
        folding.wake(1);
      },
      /** The age of its oldest commit that is not folded. */
      async waitedMs() {
        const { seq } = await store.readWatermark();
        const oldest = own.find((commit) => commit.seq > seq);
        return oldest === undefined ? 0 : clock.nowMs() - oldest.atMs;
      },
    };
  }
  return { clock, startProcess };
}

/** How often requests come: close together, in the rhythm of the fold, and with long silences. */
const pauses = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 150, max: 750 }),
    fc.integer({ min: 900, max: 3_000 }),
    fc.integer({ min: 9_000, max: 13_000 }),
  ),
  { minLength: 1, maxLength: 10 },
);
/** Numbers that are taken one after the other, again and again. */
const numbers = (max: number) =>
  fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 17 }).map((list) => {
    let at = 0;
    return () => list[at++ % list.length] as number;
  });
const looksMs = 170;

describe("the lag of the fold, in simulated time", () => {
  test("one event, then silence: the lag goes back to 0 and stays there", async () => {
    const { clock, startProcess } = system(false, noDelays);
    const ingest = startProcess("a");
    await clock.moveBy(5_000);
    await ingest.commit();
    await clock.moveBy(nearMs);
    for (let ms = 0; ms < 60_000; ms += 500) {
      expect(ingest.folding.lagMs()).toBe(0);
      await clock.moveBy(500);
    }
  });

  test("a commit while the fold looks already is waited for no longer than until the next look", async () => {
    for (let atMs = 0; atMs < 400; atMs += 10) {
      const { clock, startProcess } = system(false, { ...noDelays, storeMs: () => 20 });
      const ingest = startProcess("a");
      await clock.moveBy(5_000);
      await ingest.commit();
      await clock.moveBy(atMs);
      await ingest.commit();
      await clock.moveBy(nearMs);
      expect(ingest.folding.lagMs()).toBe(0);
    }
  });

  test("whatever the pauses, a process that folds alone stays ready, nothing waits for the fold, and no commit is overlooked", async () => {
    const everything = fc.record({ pauses, storeMs: numbers(20), messageMs: numbers(60) });
    await fc.assert(
      fc.asyncProperty(everything, async ({ pauses, storeMs, messageMs }) => {
        const { clock, startProcess } = system(false, { ...noDelays, storeMs, messageMs });
        const ingest = startProcess("a");
        await clock.moveBy(2_000);
        for (const pauseMs of pauses) {
          await ingest.commit();
          for (let leftMs = pauseMs; leftMs > 0; leftMs -= looksMs) {
            await clock.moveBy(Math.min(looksMs, leftMs));
            const lagMs = ingest.folding.lagMs();
            expect(lagMs).toBeLessThanOrEqual(nearMs);
            expect(lagMs).toBeGreaterThanOrEqual(await ingest.waitedMs());
            expect(await ingest.check()).toEqual({ ok: true });
          }
        }
        await clock.moveBy(2_000);
        expect(ingest.folding.lagMs()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("whatever the pauses, all of several processes stay ready, whichever of them folds, and no commit is overlooked", async () => {
    const everything = fc.record({ pauses, senders: numbers(1), storeMs: numbers(20), messageMs: numbers(60) });
    await fc.assert(
      fc.asyncProperty(everything, async ({ pauses, senders, storeMs, messageMs }) => {
        const { clock, startProcess } = system(true, { ...noDelays, storeMs, messageMs });
        const processes = [startProcess("a"), startProcess("b")] as const;
        await clock.moveBy(3_000);
        for (const pauseMs of pauses) {
          await processes[senders() as 0 | 1].commit();
          for (let leftMs = pauseMs; leftMs > 0; leftMs -= looksMs) {
            await clock.moveBy(Math.min(looksMs, leftMs));
            for (const { folding, waitedMs, check } of processes) {
              expect(folding.lagMs()).toBeGreaterThanOrEqual(await waitedMs());
              expect(await check()).toEqual({ ok: true });
            }
          }
        }
        await clock.moveBy(5_000);
        expect(processes.map(({ folding }) => folding.lagMs())).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  test("a store that fails now and then leaves no lag behind once it answers", async () => {
    const everything = fc.record({ pauses, senders: numbers(1), storeMs: numbers(20), failing: numbers(3), isShared: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(everything, async ({ pauses, senders, storeMs, failing, isShared }) => {
        let isFlaky = true;
        const { clock, startProcess } = system(isShared, { ...noDelays, storeMs, isAway: () => isFlaky && failing() === 0 });
        const processes = isShared ? [startProcess("a"), startProcess("b")] : [startProcess("a")];
        for (const pauseMs of pauses) {
          await processes[senders() % processes.length]?.commit();
          await clock.moveBy(Math.min(pauseMs, 3_000));
          for (const { folding, waitedMs } of processes) expect(folding.lagMs()).toBeGreaterThanOrEqual(await waitedMs());
        }
        isFlaky = false;
        await clock.moveBy(6_000);
        for (const { folding } of processes) expect(folding.lagMs()).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("readiness holds through an hour of traffic with pauses of every length", async () => {
    const { clock, startProcess } = system(false, { ...noDelays, storeMs: () => 3, messageMs: () => 1 });
    const ingest = startProcess("a");
    const startMs = clock.nowMs();
    for (let pauseMs = 10; clock.nowMs() - startMs < hourMs; pauseMs = pauseMs > 60_000 ? 10 : Math.ceil(pauseMs * 1.3)) {
      await ingest.commit();
      for (let leftMs = pauseMs; leftMs > 0; leftMs -= 1_000) {
        await clock.moveBy(Math.min(1_000, leftMs));
        expect(await ingest.check()).toEqual({ ok: true });
        expect(ingest.folding.lagMs()).toBeLessThanOrEqual(nearMs);
      }
    }
  });
});
