import { duplicateEventsDamage, type LogCheckPage } from "@trinity/storage/check-log";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { expect, test } from "vitest";
import { continueLogCheck, type LogCheck, logCheckName, logCheckResult } from "./log-check.ts";

const sound: LogCheckPage = { throughSeq: 3, isLast: true, damaged: [], mended: 0, imbalance: null };

/** Checks at given times; `calls` has the `afterSeq` of each step. */
function checksAt(pages: (afterSeq: number, isPass: boolean) => LogCheckPage) {
  const calls: number[] = [];
  const recorded: LogCheck[] = [];
  let known: LogCheck | null = null;
  const checkAt = async (nowMs: number) => {
    const check = async (afterSeq: number, isPass: boolean) => {
      calls.push(afterSeq);
      return pages(afterSeq, isPass);
    };
    const record = async (state: LogCheck) => void recorded.push(state);
    known = await continueLogCheck(check, known, { nowMs: () => nowMs, throttle: async () => {}, passEveryMs: 1_000, record });
    return known;
  };
  return { calls, recorded, checkAt };
}

test("new chunks are checked each time, and all chunks once a pass is due", async () => {
  const { calls, checkAt } = checksAt(() => sound);
  for (const nowMs of [0, 999, 1_000, 1_999, 2_000]) await checkAt(nowMs);
  expect(calls).toEqual([0, 3, 0, 3, 0]);
});

test("an imbalance begins a pass at once, and no other pass while it stays the same", async () => {
  let imbalance: string | null = null;
  const { calls, checkAt } = checksAt(() => ({ ...sound, imbalance }));
  await checkAt(0);
  for (const [nowMs, next] of [
    [10, "5 rows"],
    [20, "5 rows"],
    [30, "6 rows"],
    [40, "6 rows"],
    [50, null],
    [60, "6 rows"],
  ] as const) {
    imbalance = next;
    calls.length = 0;
    await checkAt(nowMs);
    expect([nowMs, calls]).toEqual([nowMs, [10, 30, 60].includes(nowMs) ? [3, 0] : [3]]);
  }
});

test("the imbalance of a pass is known through all pages of later checks", async () => {
  const { calls, checkAt } = checksAt((afterSeq, isPass) => ({
    ...sound,
    isLast: isPass || afterSeq >= 4,
    throughSeq: afterSeq + 1,
    imbalance: "5 rows",
  }));
  for (const nowMs of [0, 10]) await checkAt(nowMs);
  expect(calls).toEqual([0, 1, 2, 3, 4]);
});

test("damage stays known until another pass no longer finds it", async () => {
  let damaged: readonly string[] = ["chunk 2"];
  const { checkAt } = checksAt((afterSeq) => ({ ...sound, damaged: afterSeq === 0 ? damaged : [] }));
  expect((await checkAt(0)).damaged).toEqual(["chunk 2"]);
  damaged = [];
  expect((await checkAt(500)).damaged).toEqual(["chunk 2"]);
  expect((await checkAt(1_000)).damaged).toEqual([]);
});

test("an interrupted check goes on after the last recorded chunk", async () => {
  const pages = [
    { ...sound, throughSeq: 1, isLast: false },
    { ...sound, throughSeq: 2, isLast: false, damaged: ["chunk 2"] },
  ];
  const { recorded, checkAt, calls } = checksAt((afterSeq) => {
    const page = pages[afterSeq];
    if (page === undefined) throw new Error("killed");
    return page;
  });
  await expect(checkAt(0)).rejects.toThrow("killed");
  const before = recorded.at(-1) as LogCheck;
  const continued: number[] = [];
  const check = async (afterSeq: number) => {
    continued.push(afterSeq);
    return sound;
  };
  const after = await continueLogCheck(check, before, { nowMs: () => 5, throttle: async () => {}, passEveryMs: 1, record: async () => {} });
  expect([calls, continued, after.damaged]).toEqual([[0, 1, 2], [2], ["chunk 2"]]);
});

test("a log that cannot be read is reported beside known damage, until a pass from its beginning can read it", async () => {
  let page: () => LogCheckPage = () => ({ ...sound, damaged: ["chunk 2"] });
  const recorded: LogCheck[] = [];
  const calls: number[] = [];
  const checkAt = (nowMs: number) => {
    const check = async (afterSeq: number) => {
      calls.push(afterSeq);
      return page();
    };
    const record = async (state: LogCheck) => void recorded.push(state);
    return continueLogCheck(check, recorded.at(-1) ?? null, { nowMs: () => nowMs, throttle: async () => {}, passEveryMs: 1_000, record });
  };
  await checkAt(0);
  page = () => {
    throw new DamagedDataError("log.db is damaged");
  };
  for (const nowMs of [10, 20]) await expect(checkAt(nowMs)).rejects.toThrow("log.db is damaged");
  expect(recorded.at(-1)?.damaged).toEqual(["chunk 2", "log.db is damaged"]);
  page = () => sound;
  expect((await checkAt(30)).damaged).toEqual([]);
  expect(calls).toEqual([0, 3, 0, 0]);
  page = () => ({ ...sound, damaged: Array.from({ length: 100 }, (_, i) => `chunk ${i}`) });
  await checkAt(2_000);
  page = () => {
    throw new DamagedDataError("log.db is damaged");
  };
  await expect(checkAt(2_010)).rejects.toThrow("log.db is damaged");
  expect(recorded.at(-1)?.damaged).toHaveLength(100);
});

test("a chunk with events of an earlier one is reported with how many count twice", () => {
  expect(duplicateEventsDamage(7, 2)).toMatch(/2 events of chunk 7 .*count twice/);
});

test("readiness reports the first damaged place, and how many more there are", async () => {
  const resultOf = (damaged: readonly string[]) =>
    logCheckResult({ readRecord: async (name) => (name === logCheckName ? JSON.stringify({ damaged }) : null) });
  expect(await logCheckResult({ readRecord: async () => null })).toEqual({ ok: true });
  expect(await resultOf([])).toEqual({ ok: true });
  const unavailable = logCheckResult({ readRecord: () => Promise.reject(new StoreUnavailableError("the disk is full (SQLITE_FULL)")) });
  expect(await unavailable).toEqual({ ok: false, reason: "the disk is full (SQLITE_FULL)" });
  expect(await resultOf(["a"])).toEqual({ ok: false, reason: "a" });
  expect(await resultOf(["a", "b", "c"])).toEqual({ ok: false, reason: "a (and 2 more)" });
});

test("at most a hundred damaged places are known, each once", async () => {
  const places = (from: number) => Array.from({ length: 70 }, (_, i) => `chunk ${from + i}`);
  const { recorded, checkAt } = checksAt((afterSeq) => ({
    ...sound,
    throughSeq: afterSeq + 1,
    isLast: afterSeq === 1,
    damaged: places(35 * afterSeq),
  }));
  expect((await checkAt(0)).damaged).toEqual([...places(0), ...places(70)].slice(0, 100));
  expect(recorded.map(({ found, damaged }) => [found.length, damaged.length])).toEqual([
    [70, 70],
    [100, 100],
  ]);
});

test("at most a hundred places are known while a pass finds others than the last one", async () => {
  const places = (name: string) => Array.from({ length: 70 }, (_, i) => `${name} ${i}`);
  let found = places("before");
  const { recorded, checkAt } = checksAt((afterSeq) => ({ ...sound, throughSeq: afterSeq + 1, isLast: afterSeq === 1, damaged: found }));
  await checkAt(0);
  found = places("now");
  await checkAt(1_000);
  expect(recorded.map(({ damaged }) => damaged)).toEqual([
    places("before"),
    places("before"),
    [...places("before"), ...places("now")].slice(0, 100),
    places("now"),
  ]);
});

test("mended rows are added up over steps, checks and passes", async () => {
  const { checkAt } = checksAt((afterSeq) => ({ ...sound, isLast: afterSeq === 3, mended: 2 }));
  expect([(await checkAt(0)).mended, (await checkAt(1)).mended, (await checkAt(1_000)).mended]).toEqual([4, 6, 10]);
});
