import { expect, test } from "vitest";
import { createWrongKeyLimit } from "./wrong-key-limit.ts";

test("an address over its limit gets the seconds to wait, until the window ends", () => {
  const limit = createWrongKeyLimit({ wrongMax: 2, windowMs: 10_000 });
  const timeline: readonly (readonly [number, number | null])[] = [
    [0, null],
    [1_000, null],
    [2_000, 8],
    [9_999, 1],
    [10_000, null],
  ];
  for (const [nowMs, retryAfterS] of timeline) expect(limit.countWrong("192.0.2.1", nowMs)).toBe(retryAfterS);
});

test("one address does not use up another's limit", () => {
  const limit = createWrongKeyLimit({ wrongMax: 1 });
  limit.countWrong("192.0.2.1", 0);
  expect(limit.countWrong("192.0.2.1", 0)).toBe(60);
  expect(limit.countWrong("192.0.2.2", 0)).toBeNull();
});

test("addresses beyond the bound share one count", () => {
  const limit = createWrongKeyLimit({ wrongMax: 1, addressesMax: 2 });
  for (const address of ["a", "b", "c"]) expect(limit.countWrong(address, 0)).toBeNull();
  expect(limit.countWrong("d", 0)).toBe(60);
});

test("100,000 wrong keys end in 429s, and a clock set back starts a new window", () => {
  const limit = createWrongKeyLimit();
  const over = Array.from({ length: 100_000 }, () => limit.countWrong("192.0.2.1", 1_000_000)).filter(
    (retryAfterS) => retryAfterS !== null,
  );
  expect(over).toHaveLength(99_700);
  expect(limit.countWrong("192.0.2.1", 0)).toBeNull();
});

test("ten thousand addresses are counted separately, all others together", () => {
  const limit = createWrongKeyLimit({ wrongMax: 1 });
  for (let i = 0; i < 10_000; i++) expect(limit.countWrong(`a${i}`, 0)).toBeNull();
  expect([limit.countWrong("one more", 0), limit.countWrong("another", 0)]).toEqual([null, 60]);
});
