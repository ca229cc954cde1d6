import { expect, test } from "vitest";
import { checkChunks } from "./check-chunks.ts";
import { CorruptChunkError } from "./chunk-body.ts";
import { batchOf, newEvent } from "./conformance/store-examples.testing.ts";
import { DamagedDataError } from "./event-store.ts";
import { checkOn, type LogCheck, type LogCheckPage, logCheckName, logCheckResult } from "./log-check.ts";
import { openMemoryStore } from "./memory-event-store.ts";

const sound: LogCheckPage = { throughSeq: 3, isLast: true, damaged: [], mended: 0, isSuspect: false };

/** Checks at given times; `calls` are the chunks that each step began behind. */
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
    known = await checkOn(check, known, { nowMs: () => nowMs, pace: async () => {}, passEveryMs: 1_000, record });
    return known;
  };
  return { calls, recorded, checkAt };
}

test("what is new is checked each time, and everything again once a pass is due", async () => {
  const { calls, checkAt } = checksAt(() => sound);
  for (const nowMs of [0, 999, 1_000, 1_999, 2_000]) await checkAt(nowMs);
  expect(calls).toEqual([0, 3, 0, 3, 0]);
});

test("sums that do not add up begin a pass at once, in which they are believed", async () => {
  let isSuspect = false;
  const { calls, checkAt } = checksAt((_, isPass) => ({ ...sound, isSuspect: isSuspect && !isPass }));
  await checkAt(0);
  isSuspect = true;
  await checkAt(10);
  expect(calls).toEqual([0, 3, 0]);
});

test("what a pass found stays known until another pass does not find it", async () => {
  let damaged: readonly string[] = ["chunk 2"];
  const { checkAt } = checksAt((afterSeq) => ({ ...sound, damaged: afterSeq === 0 ? damaged : [] }));
  expect((await checkAt(0)).damaged).toEqual(["chunk 2"]);
  damaged = [];
  expect((await checkAt(500)).damaged).toEqual(["chunk 2"]);
  expect((await checkAt(1_000)).damaged).toEqual([]);
});

test("a check that was cut off goes on behind the last chunk that was recorded", async () => {
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
  const goneOn: number[] = [];
  const check = async (afterSeq: number) => {
    goneOn.push(afterSeq);
    return sound;
  };
  const after = await checkOn(check, before, { nowMs: () => 5, pace: async () => {}, passEveryMs: 1, record: async () => {} });
  expect([calls, goneOn, after.damaged]).toEqual([[0, 1, 2], [2], ["chunk 2"]]);
});

test("a log that cannot be read is named beside what was known, until a pass from its beginning can read it", async () => {
  let page: () => LogCheckPage = () => ({ ...sound, damaged: ["chunk 2"] });
  const recorded: LogCheck[] = [];
  const calls: number[] = [];
  const checkAt = (nowMs: number) => {
    const check = async (afterSeq: number) => {
      calls.push(afterSeq);
      return page();
    };
    const record = async (state: LogCheck) => void recorded.push(state);
    return checkOn(check, recorded.at(-1) ?? null, { nowMs: () => nowMs, pace: async () => {}, passEveryMs: 1_000, record });
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
});

test("readiness names the first damaged place, and how many more there are", async () => {
  const resultOf = (damaged: readonly string[]) =>
    logCheckResult({ readRecord: async (name) => (name === logCheckName ? JSON.stringify({ damaged }) : null) });
  expect(await logCheckResult({ readRecord: async () => null })).toEqual({ ok: true });
  expect(await resultOf([])).toEqual({ ok: true });
  expect(await resultOf(["a"])).toEqual({ ok: false, reason: "a" });
  expect(await resultOf(["a", "b", "c"])).toEqual({ ok: false, reason: "a (and 2 more)" });
});

test("of chunks that cannot be read or found by their time each is named, and the others are checked", async () => {
  const store = openMemoryStore();
  for (const id of ["a", "b", "c", "d"]) await store.append(batchOf([newEvent(id)]));
  expect(await checkChunks(store, 0)).toEqual({ throughSeq: 4, isLast: true, damaged: [], mended: 0, isSuspect: false });
  const damaged: typeof store = {
    ...store,
    readChunks: async (afterSeq, eventsMax) => {
      if (afterSeq === 1) throw new CorruptChunkError(2, "lacks a piece");
      return store.readChunks(afterSeq, eventsMax);
    },
    readChunksInRange: async (range, eventsMax) => (range.throughSeq === 3 ? [] : store.readChunksInRange(range, eventsMax)),
  };
  expect((await checkChunks(damaged, 0)).damaged).toEqual([
    "chunk 2 of the log lacks a piece; restore the log from a copy",
    "chunk 3 of the log is missing in the index by day; restore the tables from a copy",
  ]);
});

test("however much is damaged, the first hundred places are known, and each once", async () => {
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

test("what was mended is added up over steps, checks and passes", async () => {
  const { checkAt } = checksAt((afterSeq) => ({ ...sound, isLast: afterSeq === 3, mended: 2 }));
  expect([(await checkAt(0)).mended, (await checkAt(1)).mended, (await checkAt(1_000)).mended]).toEqual([4, 6, 10]);
});
