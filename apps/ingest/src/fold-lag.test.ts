import { expect, test } from "vitest";
import { createFoldLag } from "./fold-lag.ts";

test("commits after those that a report covers wait since they were made, whatever the report says", () => {
  const lag = createFoldLag();
  expect(lag.lagMs(1_000)).toBe(0);
  for (const atMs of [1_000, 1_100, 1_200]) lag.committed(atMs, 10);
  expect(lag.lagMs(1_500)).toBe(500);
  lag.reported({ commitsSeen: 1, waitingSinceMs: null, waitingWork: 0 });
  expect(lag.lagMs(1_500)).toBe(400);
  lag.reported({ commitsSeen: 2, waitingSinceMs: null, waitingWork: 0 });
  expect(lag.lagMs(1_500)).toBe(300);
  lag.reported({ commitsSeen: 3, waitingSinceMs: null, waitingWork: 0 });
  expect(lag.lagMs(1_500)).toBe(0);
});

test("the older counts: what a report found waiting, or a commit that it does not cover", () => {
  const lag = createFoldLag();
  lag.committed(2_000, 10);
  lag.committed(3_000, 10);
  lag.reported({ commitsSeen: 1, waitingSinceMs: 1_500, waitingWork: 0 });
  expect(lag.lagMs(4_000)).toBe(2_500);
  lag.reported({ commitsSeen: 1, waitingSinceMs: 3_500, waitingWork: 0 });
  expect(lag.lagMs(4_000)).toBe(1_000);
});

test("a report that covers no more than the one before takes away no commit", () => {
  const lag = createFoldLag();
  lag.committed(1_000, 10);
  lag.reported({ commitsSeen: 0, waitingSinceMs: null, waitingWork: 0 });
  lag.reported({ commitsSeen: 0, waitingSinceMs: null, waitingWork: 0 });
  expect(lag.lagMs(1_300)).toBe(300);
});

test("the work that waits is what a report found waiting, and that of the commits that it does not cover", () => {
  const lag = createFoldLag();
  expect(lag.waitingWork()).toBe(0);
  for (const work of [5, 7, 11]) lag.committed(1_000, work);
  expect(lag.waitingWork()).toBe(23);
  lag.reported({ commitsSeen: 2, waitingSinceMs: 1_000, waitingWork: 100 });
  expect(lag.waitingWork()).toBe(111);
  lag.reported({ commitsSeen: 3, waitingSinceMs: null, waitingWork: 0 });
  expect(lag.waitingWork()).toBe(0);
});

test("a clock that was set back makes no negative lag", () => {
  const lag = createFoldLag();
  lag.committed(5_000, 10);
  expect(lag.lagMs(4_000)).toBe(0);
});
