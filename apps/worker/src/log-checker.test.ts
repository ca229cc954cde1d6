import type { LogCheckPage } from "@trinity/storage/check-log";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";
import { manualClock } from "@trinity/testing/manual-clock";
import type { LogCheck } from "@trinity/verification/log-check";
import { expect, test } from "vitest";
import { type LogCheckLease, startLogChecker } from "./log-checker.ts";

const page: LogCheckPage = { throughSeq: 3, isLast: true, damaged: [], mended: 0, imbalance: null };
const firstAfterMs = 5_000;
const everyMs = 60_000;

/** A checker under a manual clock. `at` is when each check began. */
function checker(leaseOf: (check: number) => Partial<LogCheckLease> = () => ({})) {
  const clock = manualClock();
  const at: number[] = [];
  const checked: (readonly [after: LogCheck, before: LogCheck | null])[] = [];
  const failed: unknown[] = [];
  const skipped: unknown[] = [];
  let [opened, closed] = [0, 0];
  let known: LogCheck | null = null;
  const { stop } = startLogChecker({
    open: async () => {
      at.push(clock.nowMs());
      opened += 1;
      return {
        check: async () => page,
        before: known,
        lost: new AbortController().signal,
        record: async (check) => void (known = check),
        close: async () => void (closed += 1),
        ...leaseOf(opened),
      };
    },
    firstAfterMs,
    everyMs,
    passEveryMs: 3_600_000,
    clock,
    sleep: clock.pause,
    onChecked: (after, before) => checked.push([after, before]),
    onSkipped: (error) => skipped.push(error),
    onFailed: (error) => failed.push(error),
  });
  return { clock, at, checked, failed, skipped, stop, counts: () => ({ opened, closed }) };
}

test("the first check begins after a delay, and each further one an interval after the last; each gets the result of the last", async () => {
  const { clock, at, checked, failed, stop, counts } = checker();
  await clock.moveBy(firstAfterMs - 1);
  expect(at).toEqual([]);
  await clock.moveBy(1 + 2 * (everyMs + 10));
  // A check pauses for a millisecond after its one step.
  expect(at).toEqual([firstAfterMs, firstAfterMs + everyMs + 1, firstAfterMs + 2 * (everyMs + 1)]);
  expect(checked.map(([after, before]) => [after.throughSeq, before?.throughSeq ?? null])).toEqual([
    [3, null],
    [3, 3],
    [3, 3],
  ]);
  expect([failed, counts()]).toEqual([[], { opened: 3, closed: 3 }]);
  await stop();
});

test("a failed check is reported and closed, and the next one follows", async () => {
  const bug = new Error("a bug");
  const { clock, checked, failed, stop, counts } = checker((check) => (check === 1 ? { check: () => Promise.reject(bug) } : {}));
  await clock.moveBy(firstAfterMs + everyMs + 10);
  expect([failed, checked.length, counts()]).toEqual([[bug], 1, { opened: 2, closed: 2 }]);
  await stop();
});

test.each([
  ["there is no log", new StoreUnavailableError("not there")],
  ["another process checks it", new LeaseLostError("another has it")],
])("while %s no check has failed, why it was skipped is reported, and the next comes all the same", async (_what, error) => {
  const { clock, checked, failed, skipped, stop } = checker((check) => {
    if (check === 1) throw error;
    return {};
  });
  await clock.moveBy(firstAfterMs + everyMs + 10);
  expect([failed, skipped, checked.length]).toEqual([[], [error], 1]);
  await stop();
});

test("a lost lease ends a check at its next step, without a failure", async () => {
  const lease = new AbortController();
  const check = async () => {
    lease.abort(new LeaseLostError("another has it"));
    return { ...page, isLast: false };
  };
  const { clock, checked, failed, stop, counts } = checker((n) => (n === 1 ? { check, lost: lease.signal } : {}));
  await clock.moveBy(firstAfterMs + everyMs + 10);
  expect([failed, checked.length, counts()]).toEqual([[], 1, { opened: 2, closed: 2 }]);
  await stop();
});

test("stopped during a check, it ends at the next step, closes what it opened, reports nothing and begins no other", async () => {
  const { clock, checked, failed, stop, counts } = checker(() => ({ check: async () => ({ ...page, isLast: false }) }));
  await clock.moveBy(firstAfterMs);
  await stop();
  await clock.moveBy(10 * everyMs);
  expect([failed, checked, counts()]).toEqual([[], [], { opened: 1, closed: 1 }]);
});

test("stopped between two checks, it ends at once and begins no other", async () => {
  const { clock, stop, counts } = checker();
  await clock.moveBy(firstAfterMs + 10);
  await stop();
  await clock.moveBy(10 * everyMs);
  expect(counts()).toEqual({ opened: 1, closed: 1 });
});
