import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FoldCommand, FoldReport } from "./fold-thread/messages.ts";
import { foldCheck, followFolding, stateCheck } from "./folding.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A fold whose thread says what the test has it say. */
function followed() {
  const commands: FoldCommand[] = [];
  const died: unknown[] = [];
  const listeners: { readonly event: string; readonly listener: (value: never) => void }[] = [];
  let nowMs = 100_000;
  let terminated = 0;
  const listen = (event: string, listener: (value: never) => void) => listeners.push({ event, listener });
  const emit = (event: string, value: unknown) => {
    for (const one of listeners) if (one.event === event) one.listener(value as never);
  };
  const folding = followFolding(
    { postMessage: (command) => commands.push(command), on: listen, once: listen, terminate: async () => void (terminated += 1) },
    { nowMs: () => nowMs },
    (error) => died.push(error),
  );
  const say = (report: FoldReport) => emit("message", report);
  return {
    folding,
    commands,
    died,
    say,
    waitingFor: (ms: number) =>
      say({ kind: "folded", seq: 1, commitsSeen: 0, waitingSinceMs: nowMs - ms, waitingWork: 0, commitWork: 4_000, foldedForMs: 0 }),
    folds: (commitWork: number) =>
      say({ kind: "folded", seq: 1, commitsSeen: 0, waitingSinceMs: null, waitingWork: 0, commitWork, foldedForMs: 700 }),
    moveBy: (ms: number) => void (nowMs += ms),
    fail: (error: Error) => emit("error", error),
    exit: () => emit("exit", undefined),
    terminated: () => terminated,
  };
}

async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => (over = true));
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

test("up to a second behind the fold is near, and nothing waits for it", async () => {
  const { folding, waitingFor } = followed();
  for (const ms of [0, 1_000]) {
    waitingFor(ms);
    expect(await isOver(folding.waitForFold())).toBe(true);
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("a commit may have as much as the fold said last", () => {
  const { folding, folds } = followed();
  expect(folding.commitWork()).toBe(Number.POSITIVE_INFINITY);
  folds(123);
  expect(folding.commitWork()).toBe(123);
});

test("after a large commit the next one waits longer than that takes to fold", async () => {
  const { folding, folds } = followed();
  folds(100);
  folding.wake(1_000);
  const kept = folding.waitForFold();
  await vi.advanceTimersByTimeAsync(3_749);
  expect(await isOver(kept)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isOver(kept)).toBe(true);
});

test.each([1e6, Number.POSITIVE_INFINITY])("however large a commit was, the next one waits for five seconds at most", async (work) => {
  const { folding, folds } = followed();
  folds(100);
  folding.wake(work);
  const kept = folding.waitForFold();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await isOver(kept)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isOver(kept)).toBe(true);
});

test("a fold with more before it than five commits is not near, however young they are", async () => {
  const { folding, folds } = followed();
  folds(100);
  folding.wake(500);
  expect(await isOver(folding.waitForFold())).toBe(true);
  folding.wake(1);
  const kept = folding.waitForFold();
  expect(await isOver(kept)).toBe(false);
  folds(101);
  expect(await isOver(kept)).toBe(true);
});

test("a fold that is not near holds up what takes events for half a second, no longer", async () => {
  const { folding, waitingFor } = followed();
  waitingFor(1_001);
  const kept = folding.waitForFold();
  expect(await isOver(kept)).toBe(false);
  await vi.advanceTimersByTimeAsync(499);
  expect(await isOver(kept)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect([await isOver(kept), vi.getTimerCount()]).toEqual([true, 0]);
});

test("once the fold is near again everything that waits goes on at once, and no timer is left; while it is not, nothing does", async () => {
  const { folding, waitingFor } = followed();
  waitingFor(5_000);
  const kept = [folding.waitForFold(), folding.waitForFold()];
  waitingFor(1_001);
  for (const wait of kept) expect(await isOver(wait)).toBe(false);
  waitingFor(1_000);
  for (const wait of kept) expect(await isOver(wait)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("the pressure of the fold is of what waits too long or is too much", async () => {
  const { folding, folds, waitingFor } = followed();
  folds(100);
  folding.wake(600);
  expect([folding.pressure(), folding.foldedForMs()]).toEqual([1.2, 700]);
  waitingFor(3_000);
  expect(folding.pressure()).toBe(3);
});

test("a fold that is damaged is not waited for", async () => {
  const { folding, waitingFor, say } = followed();
  waitingFor(5_000);
  const kept = folding.waitForFold();
  expect(await isOver(kept)).toBe(false);
  say({ kind: "damage", reason: "chunk 2 is damaged" });
  expect([folding.pressure(), await isOver(kept), await isOver(folding.waitForFold())]).toEqual([0, true, true]);
});

test("each commit is told to the thread and waits from then on", () => {
  const { folding, commands, moveBy } = followed();
  folding.wake(1);
  moveBy(300);
  expect([commands, folding.lagMs()]).toEqual([["more"], 300]);
});

test("a fold that is ten seconds behind makes the process unready, one that is less does not", async () => {
  const { folding, waitingFor } = followed();
  waitingFor(9_999);
  expect(await foldCheck(folding)()).toEqual({ ok: true });
  waitingFor(10_000);
  expect(await foldCheck(folding)()).toEqual({ ok: false, reason: "the fold is behind" });
});

test("damage makes the process unready with its reason until it is over, and is no news of the lag", async () => {
  const { folding, waitingFor, say } = followed();
  waitingFor(700);
  expect(await stateCheck(folding)()).toEqual({ ok: true });
  say({ kind: "damage", reason: "chunk 2 is damaged" });
  expect([await stateCheck(folding)(), folding.lagMs()]).toEqual([{ ok: false, reason: "chunk 2 is damaged" }, 700]);
  say({ kind: "damage", reason: null });
  expect(await stateCheck(folding)()).toEqual({ ok: true });
});

test("a thread that fails, or ends without having been told to, is reported", () => {
  const { died, fail, exit } = followed();
  const bug = new Error("a bug");
  fail(bug);
  exit();
  expect(died).toEqual([bug, new Error("the fold thread ended")]);
});

test("told to stop, the thread ends by itself once all is folded: no timer is left and nothing is reported", async () => {
  const { folding, commands, died, say, exit, terminated } = followed();
  const stopped = folding.stop(4_000);
  say({ kind: "stopped" });
  exit();
  expect([await isOver(stopped), commands, died, terminated(), vi.getTimerCount()]).toEqual([true, ["stop"], [], 0, 0]);
});

test("a thread that does not stop is ended at the deadline, which is no failure", async () => {
  const { folding, died, exit, terminated } = followed();
  const stopped = folding.stop(4_000);
  await vi.advanceTimersByTimeAsync(3_999);
  expect(terminated()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(terminated()).toBe(1);
  exit();
  expect([await isOver(stopped), died]).toEqual([true, []]);
});

test("what has gone on is forgotten: no later report concerns it", async () => {
  const { folding, waitingFor } = followed();
  waitingFor(5_000);
  const kept = folding.waitForFold();
  await vi.advanceTimersByTimeAsync(500);
  await kept;
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  waitingFor(0);
  expect(cleared).not.toHaveBeenCalled();
});
