import { unwrap } from "@trinity/runtime/result";
import { expect, test } from "vitest";
import { createAdmission } from "./admission.ts";

const mebibyte = 1024 * 1024;

function setUp(random = () => 0.5) {
  let nowMs = 0;
  const admission = createAdmission({ clock: { nowMs: () => nowMs }, random });
  return { ...admission, waitMs: (ms: number) => (nowMs += ms) };
}

test("while a request has waited for more than 400 ms, a sender meets its share, and others are admitted as ever", () => {
  const { admit, waitMs } = setUp();
  const first = unwrap(admit("noisy", 4 * mebibyte));
  first.markWhole();
  waitMs(400);
  expect(admit("noisy", 1).ok).toBe(true);
  waitMs(1);
  expect(admit("noisy", 1)).toMatchObject({ ok: false, error: { kind: "too_much_under_way", permanent: false } });
  expect(admit("calm", 20 * mebibyte).ok).toBe(true);
  first.giveBack();
  expect(admit("noisy", 1).ok).toBe(true);
});

test("a slow sender makes nobody else wait: a request is as old as its last byte", () => {
  const { admit, oldestWaitMs, waitMs } = setUp();
  const slow = unwrap(admit("slow", mebibyte));
  waitMs(20_000);
  expect(oldestWaitMs()).toBe(0);
  slow.markWhole();
  waitMs(10);
  expect(oldestWaitMs()).toBe(10);
});

test("64 KiB are every sender's share, however many there are", () => {
  const { admit, waitMs } = setUp();
  for (let i = 0; i < 500; i++) unwrap(admit(`sender ${i}`, 32 * 1024)).markWhole();
  waitMs(1_000);
  expect([admit("sender 7", 32 * 1024).ok, admit("sender 7", 1).ok]).toEqual([true, false]);
});

test.each([
  ["nothing was worked on yet: at a mebibyte a second", 0, 0.5, 6],
  ["so much is worked on a second, and twice as fast", 4 * mebibyte, 0.5, 3],
  ["drawn long, by a quarter", 0, 0.999, 8],
  ["drawn short, by a quarter", 0, 0, 5],
] as const)(
  "the time to come back is what waits and was refused in this second over what is worked on: %s",
  (_rule, worked, chance, seconds) => {
    const { admit, noteWorked, refuse, retryAfterS } = setUp(() => chance);
    unwrap(admit("one", 4 * mebibyte));
    noteWorked(worked);
    refuse("share", 2 * mebibyte);
    expect(retryAfterS()).toBe(seconds);
  },
);

test("it is half a minute at most, and a second at least", () => {
  const { admit, retryAfterS } = setUp();
  expect(retryAfterS()).toBe(1);
  unwrap(admit("one", 60 * mebibyte));
  expect(retryAfterS()).toBe(30);
});
