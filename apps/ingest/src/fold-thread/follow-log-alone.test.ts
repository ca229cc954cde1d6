import { DamagedDataError, type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, test } from "vitest";
import { type FoldLease, onlyFolder } from "./fold-lease.ts";
import { createFoldNews } from "./fold-news.ts";
import { followLog } from "./follow-log.ts";
import type { FoldReport } from "./messages.ts";

const startMs = 1_000_000;
const restMs = 200;
const idleMs = 500;

/** A fold of one process under a clock that only the test moves on. What fails is what the test says. */
function setUp(foldLease: FoldLease = onlyFolder) {
  const store = openMemoryStore();
  const clock = manualClock(startMs);
  const failing: { log: Error | null; state: Error | null } = { log: null, state: null };
  const never = () => new AbortController().signal;
  const news = createFoldNews(clock.pause);
  const reports: FoldReport[] = [];
  const rests: number[] = [];
  const waits: number[] = [];
  let [stateReads, looks, commitMs] = [0, 0, 0];
  const over: EventStore = {
    ...store,
    // A fold takes one chunk, so that it takes no many events to leave something behind it.
    readChunks: (afterSeq) => store.readChunks(afterSeq, 1),
    readWatermark: async () => {
      looks += 1;
      if (failing.log !== null) throw failing.log;
      return store.readWatermark();
    },
    commitFold: async (step) => {
      await clock.pause(commitMs, never());
      return store.commitFold(step);
    },
    readRollups: async (...asked) => {
      stateReads += 1;
      if (failing.state !== null) throw failing.state;
      return store.readRollups(...asked);
    },
  };
  let events = 0;
  return {
    store,
    clock,
    failing,
    news,
    reports,
    rests,
    waits,
    takeForEachFold: (ms: number) => void (commitMs = ms),
    stateReads: () => stateReads,
    looks: () => looks,
    damage: () => reports.flatMap((report) => (report.kind === "damage" ? [report.reason] : [])),
    append: async (receivedAtMs = clock.nowMs()) => {
      await store.append({ ...batchOf([newEvent(`e${events++}`)]), receivedAtMs });
    },
    start: () =>
      followLog({
        store: over,
        foldLease,
        restMs,
        idleMs,
        nowMs: clock.nowMs,
        sleep: async (ms) => {
          rests.push(ms);
          await clock.pause(ms, never());
        },
        news: {
          ...news,
          wait: async (ms) => {
            waits.push(ms);
            await news.wait(ms);
          },
        },
        report: (report) => reports.push(report),
      }),
  };
}

const folded = (seq: number, commitsSeen: number, waitingSinceMs: number | null = null, foldedForMs = 0): FoldReport => ({
  kind: "folded",
  seq,
  commitsSeen,
  waitingSinceMs,
  waitingWork: 0,
  commitWork: 1_250,
  foldedForMs,
});

test("the first look is reported whatever it finds; while nothing happens nothing else is, and the state is asked for once", async () => {
  const { clock, reports, start, stateReads } = setUp();
  void start();
  await clock.moveBy(60_000);
  expect([reports, stateReads()]).toEqual([[folded(0, 0)], 1]);
});

test("a commit that it was told of is reported once, and so is one that it finds by itself", async () => {
  const { clock, news, reports, append, start } = setUp();
  void start();
  await clock.moveBy(1_000);
  await append();
  news.receive("more");
  await clock.moveBy(5_000);
  await append();
  await clock.moveBy(5_000);
  expect(reports).toEqual([folded(0, 0), folded(1, 1), folded(2, 1)]);
});

test("it is told of a commit that another has folded: that is reported as well", async () => {
  const { clock, news, reports, start } = setUp();
  void start();
  await clock.moveBy(1_000);
  news.receive("more");
  await clock.moveBy(5_000);
  expect(reports).toEqual([folded(0, 0), folded(0, 1)]);
});

test.each([
  ["has waited for as long as it would rest goes on at once", 200, [200]],
  ["has waited for longer goes on at once", 5_000, [200]],
  ["has waited for less rests for what is left", 150, [50, 200]],
  ["was received by a clock ahead of its own rests as long as ever", -60_000, [200, 200]],
] as const)(
  "a fold behind which a chunk %s; without one it rests, and it waits for news only when nothing was folded",
  async (_rule, waitedMs, expected) => {
    const { clock, append, start, rests, waits, reports } = setUp();
    for (const _ of [1, 2]) await append(startMs - waitedMs);
    void start();
    await clock.moveBy(449);
    expect(rests.slice(0, expected.length)).toEqual(expected);
    expect(waits.length).toBeLessThanOrEqual(1);
    expect(reports.slice(0, 2)).toEqual([folded(1, 0, startMs - waitedMs), folded(2, 0)]);
  },
);

test.each([
  ["not at all", 0, 200],
  ["less than the rest", 90, 200],
  ["long: twice as long", 180, 360],
  ["longer: half a second", 300, 500],
  ["so long that the next one would be over too late: what is left until then", 500, 400],
  ["very long: the least rest", 2_000, 200],
] as const)(
  "the next fold begins when the oldest event has waited for the rest; after a fold that took %s",
  async (_rule, foldMs, restingMs) => {
    const { clock, append, takeForEachFold, start, rests, reports } = setUp();
    takeForEachFold(foldMs);
    for (const _ of [1, 2]) await append(startMs + foldMs - 50);
    void start();
    await clock.moveBy(foldMs);
    expect(rests).toEqual([restingMs - 50]);
    expect(reports.map((report) => report.kind === "folded" && report.foldedForMs)).toEqual([foldMs]);
  },
);

test("told to stop, it folds all there is without resting, then ends", async () => {
  const { store, clock, news, append, start, rests, waits } = setUp();
  for (const _ of [1, 2]) await append();
  news.receive("stop");
  const ended = start();
  await clock.moveBy(0);
  await ended;
  expect([(await store.readWatermark()).seq, rests, waits]).toEqual([2, [], []]);
});

test("told to stop while it is another's turn, it ends at once where nothing waits, else once nothing does", async () => {
  let isMine = false;
  for (const waiting of [0, 1]) {
    isMine = false;
    const { clock, news, append, start, store } = setUp({ take: async () => isMine, release: async () => {} });
    for (let i = 0; i < waiting; i++) await append();
    let isOver = false;
    void start().then(() => (isOver = true));
    news.receive("stop");
    await clock.moveBy(10_000);
    expect(isOver).toBe(waiting === 0);
    isMine = true;
    await clock.moveBy(2_000);
    expect([isOver, (await store.readWatermark()).seq]).toEqual([true, waiting]);
  }
});

test("a damaged log is reported once, looked at again every half second, and reported when it is over; what waited is folded then", async () => {
  const { store, clock, failing, damage, append, start, looks } = setUp();
  failing.log = new DamagedDataError("chunk 1 is damaged");
  await append();
  void start();
  await clock.moveBy(4 * idleMs);
  expect([damage(), looks()]).toEqual([["chunk 1 is damaged"], 5]);
  failing.log = new DamagedDataError("chunk 2 is damaged");
  await clock.moveBy(idleMs);
  failing.log = null;
  await clock.moveBy(2 * idleMs);
  expect([damage(), (await store.readWatermark()).seq]).toEqual([["chunk 1 is damaged", "chunk 2 is damaged", null], 1]);
  await clock.moveBy(60_000);
  expect(damage()).toHaveLength(3);
});

test("a state that is damaged at the start is reported, and when it is not any more", async () => {
  const { clock, failing, damage, start } = setUp();
  failing.state = new DamagedDataError("state.db is damaged");
  void start();
  await clock.moveBy(2_000);
  expect(damage()).toEqual(["state.db is damaged"]);
  failing.state = null;
  await clock.moveBy(2_000);
  expect(damage()).toEqual(["state.db is damaged", null]);
});

test("a damaged state that can still be written holds no fold up: told to stop, it folds all there is", async () => {
  const { store, clock, failing, news, damage, append, start, rests } = setUp();
  failing.state = new DamagedDataError("state.db is damaged");
  for (const _ of [1, 2]) await append();
  news.receive("stop");
  const ended = start();
  await clock.moveBy(0);
  await ended;
  expect([damage(), (await store.readWatermark()).seq, rests]).toEqual([["state.db is damaged"], 2, []]);
});

test("a store that is away is no damage, and is tried again every half second", async () => {
  for (const what of ["log", "state"] as const) {
    const { clock, failing, damage, rests, start } = setUp();
    failing[what] = new StoreUnavailableError("away");
    void start();
    await clock.moveBy(10 * idleMs);
    failing[what] = null;
    await clock.moveBy(10 * idleMs);
    expect([damage(), rests.slice(0, 1)]).toEqual([[], [what === "log" ? idleMs : restMs]]);
  }
});

test("told to stop while the log is damaged, it ends at once", async () => {
  const { clock, failing, news, rests, start } = setUp();
  failing.log = new DamagedDataError("chunk 1 is damaged");
  const ended = start();
  await clock.moveBy(idleMs);
  news.receive("stop");
  const restsBefore = rests.length;
  await clock.moveBy(idleMs);
  await ended;
  expect(rests.length - restsBefore).toBe(0);
});

test("a failure that nobody foresaw ends it", async () => {
  const { failing, start } = setUp();
  failing.log = new RangeError("a bug");
  await expect(start()).rejects.toThrow("a bug");
});
