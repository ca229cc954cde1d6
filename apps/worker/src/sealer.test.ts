import { StoreTakenError } from "@trinity/storage/event-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { type SealLease, startSealer } from "./sealer.ts";

const everyMs = 10_000;
const minuteMs = 60_000;

/** A sealer under a manual clock, of a log in which so many events wait since an instant. */
function sealer(waiting: { events: number; oldestMs: number | null }, leaseOf: () => Partial<SealLease> = () => ({})) {
  const clock = manualClock();
  const sealedAt: number[] = [];
  const [skipped, failed]: [unknown[], unknown[]] = [[], []];
  let [opened, closed] = [0, 0];
  const { stop } = startSealer({
    countWaiting: async () => waiting,
    open: async () => {
      opened += 1;
      return {
        lost: new AbortController().signal,
        sealNext: async () => {
          const { events } = waiting;
          waiting.events = 0;
          return events;
        },
        close: async () => void (closed += 1),
        ...leaseOf(),
      };
    },
    everyMs,
    clock,
    sleep: clock.pause,
    onSealed: () => sealedAt.push(clock.nowMs()),
    onSkipped: (error) => skipped.push(error),
    onFailed: (error) => failed.push(error),
  });
  return { clock, waiting, sealedAt, skipped, failed, stop, counts: () => ({ opened, closed }) };
}

test("few new events wait; ten minutes after the first of them all are sealed", async () => {
  const { clock, sealedAt, stop, counts } = sealer({ events: 5, oldestMs: 0 });
  await clock.moveBy(10 * minuteMs - 1);
  expect([sealedAt, counts().opened]).toEqual([[], 0]);
  await clock.moveBy(everyMs);
  expect([sealedAt, counts()]).toEqual([[10 * minuteMs], { opened: 1, closed: 1 }]);
  await stop();
});

test("20,000 events are sealed at the next look, and the log is asked until nothing is left", async () => {
  const { clock, sealedAt, waiting, stop, counts } = sealer({ events: 20_000, oldestMs: 0 });
  await clock.moveBy(everyMs);
  expect([sealedAt, waiting.events, counts()]).toEqual([[everyMs], 0, { opened: 1, closed: 1 }]);
  await clock.moveBy(10 * everyMs);
  expect(counts().opened).toBe(1);
  await stop();
});

test("while nothing waits, nothing is opened", async () => {
  const { clock, stop, counts } = sealer({ events: 0, oldestMs: null });
  await clock.moveBy(60 * minuteMs);
  expect(counts().opened).toBe(0);
  await stop();
});

test("a failure is reported, its lease closed, and the next look tries again", async () => {
  const bug = new Error("a bug");
  let tries = 0;
  const { clock, failed, sealedAt, stop, counts } = sealer({ events: 20_000, oldestMs: 0 }, () =>
    ++tries === 1 ? { sealNext: () => Promise.reject(bug) } : {},
  );
  await clock.moveBy(2 * everyMs);
  expect([failed, sealedAt, counts()]).toEqual([[bug], [2 * everyMs], { opened: 2, closed: 2 }]);
  await stop();
});

test("what another process seals is no failure", async () => {
  const taken = new StoreTakenError("another process seals this log");
  const { clock, failed, skipped, stop } = sealer({ events: 20_000, oldestMs: 0 }, () => {
    throw taken;
  });
  await clock.moveBy(everyMs);
  expect([failed, skipped]).toEqual([[], [taken]]);
  await stop();
});

test("once the lease is lost, no further step begins", async () => {
  const lost = new AbortController();
  let steps = 0;
  const { clock, stop } = sealer({ events: 20_000, oldestMs: 0 }, () => ({
    lost: lost.signal,
    sealNext: async () => {
      steps += 1;
      lost.abort();
      return 20_000;
    },
  }));
  await clock.moveBy(everyMs);
  expect(steps).toBe(1);
  await stop();
});
