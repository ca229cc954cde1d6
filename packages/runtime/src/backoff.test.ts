import { expect, test } from "vitest";
import { type Backoff, backoffMs } from "./backoff.ts";

const full: Backoff = { baseMs: 200, capMs: 20_000, jitter: "full" };

test("the longest wait doubles with every failure, up to the cap", () => {
  expect([0, 1, 2, 6, 7, 1_000].map((failures) => backoffMs(full, failures, () => 1))).toEqual([200, 400, 800, 12_800, 20_000, 20_000]);
});

test("with full jitter a wait is any share of the longest one, with equal jitter at least half of it", () => {
  const shares = [0, 0.25, 0.5];
  expect(shares.map((share) => backoffMs(full, 1, () => share))).toEqual([0, 100, 200]);
  expect(shares.map((share) => backoffMs({ ...full, jitter: "equal" }, 1, () => share))).toEqual([200, 250, 300]);
});
