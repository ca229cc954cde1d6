import { join } from "node:path";
import type { EventStore } from "@trinity/storage/event-store";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { continueLogCheck, type LogCheck } from "@trinity/verification/log-check";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { openSqliteLogCheck } from "./check-log.ts";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";

vi.setConfig({ testTimeout: 120_000 });

const dayMs = 86_400_000;
const chunks = 8;

/** Each chunk holds events of two days. */
async function fill(store: EventStore): Promise<void> {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const events = Array.from({ length: 5 }, (_, i) => newEvent(`${chunk}-${i}`, { timestampMs: noonMs + ((chunk + i) % 2) * dayMs + i }));
    await store.append(batchOf(events));
  }
}

/** As if every id said its key. */
async function keysOf(store: EventStore): Promise<(eventId: string) => Uint8Array | null> {
  const keys = new Map(
    Array.from({ length: chunks * 5 }, (_, i) => newEvent(`${Math.floor(i / 5)}-${i % 5}`)).map(({ event, key }) => [event.eventId, key]),
  );
  expect(await store.headSeq()).toBe(chunks);
  return (eventId) => keys.get(eventId) ?? null;
}

function alterLog(dataDir: string, sql: string): void {
  const log = new Sqlite(join(dataDir, "log.db"));
  log.exec(sql);
  log.close();
}

function tablesOf(dataDir: string) {
  const log = new Sqlite(join(dataDir, "log.db"), { readonly: true });
  try {
    return ["chunk", "chunk_day", "day_total", "event_id"].map((table) => log.prepare(`SELECT * FROM ${table}`).all());
  } finally {
    log.close();
  }
}

async function usingChecked(
  use: (dataDir: string, store: EventStore, checkAgain: () => Promise<LogCheck>) => Promise<void>,
): Promise<void> {
  await usingDataDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await fill(store);
      const { check, close } = openSqliteLogCheck(dataDir, await keysOf(store));
      let [known, nowMs]: [LogCheck | null, number] = [null, 0];
      const checkAgain = async () => {
        nowMs += 1_000;
        known = await continueLogCheck(check, known, {
          nowMs: () => nowMs,
          throttle: async () => {},
          passEveryMs: 10_000,
          record: async () => {},
        });
        return known;
      };
      await use(dataDir, store, checkAgain).finally(close);
    }),
  );
}

const everything = { afterSeq: 0, throughSeq: chunks, ranges: [{ fromMs: noonMs - dayMs, toMs: noonMs + 3 * dayMs }] };

describe("the check of the log", () => {
  test.each([
    "DELETE FROM chunk_day WHERE seq IN (2, 5)",
    "DELETE FROM chunk_day",
    "UPDATE chunk_day SET day = day + 50 WHERE seq = 3",
    "DELETE FROM day_total",
    "UPDATE day_total SET chunks = chunks + 1",
  ])("a question whose chunks are not all listed is refused, and answered once the next check has listed them: %s", (sql) =>
    usingChecked(async (dataDir, store, checkAgain) => {
      const before = tablesOf(dataDir);
      const read = await store.readChunksInRanges(everything, 1_000);
      await checkAgain();
      alterLog(dataDir, sql);
      await expect(store.readChunksInRanges(everything, 1_000)).rejects.toThrow("the index of the log by day is damaged");
      expect(await checkAgain()).toMatchObject({ damaged: [] });
      expect(await store.readChunksInRanges(everything, 1_000)).toEqual(read);
      if (!sql.startsWith("UPDATE chunk_day")) expect(tablesOf(dataDir)).toEqual(before);
    }),
  );

  test("an event whose row in event_id was deleted counts once again from the next check on", () =>
    usingChecked(async (dataDir, store, checkAgain) => {
      await checkAgain();
      alterLog(dataDir, "DELETE FROM event_id");
      expect(await checkAgain()).toMatchObject({ damaged: [], mended: chunks * 5 });
      expect((await store.append(batchOf([newEvent("3-2")]))).duplicate).toEqual([true]);
    }));

  test("rows of event_id that no id gives back are said to be missing", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        await fill(store);
        alterLog(dataDir, "DELETE FROM event_id WHERE seq = 2");
        const { check, close } = openSqliteLogCheck(dataDir, () => null);
        expect(await check(0, true).finally(close)).toMatchObject({
          damaged: [
            "5 events of the log have no row of their own in event_id, so a repeat of them counts twice, or did; restore the log from a copy",
          ],
        });
      }),
    ));

  test("an event that was taken again while its row was lost is named with its second chunk; its row names the first for good", () =>
    usingChecked(async (dataDir, store, checkAgain) => {
      alterLog(dataDir, "DELETE FROM event_id WHERE seq = 3");
      expect((await store.append(batchOf([newEvent("2-1"), newEvent("2-4"), newEvent("0-0")]))).duplicate).toEqual([false, false, true]);
      const damaged = [
        "2 events of chunk 9 of the log are in an earlier chunk, too, and count twice; restore the log from a copy",
        "2 events of the log have no row of their own in event_id, so a repeat of them counts twice, or did; restore the log from a copy",
      ];
      expect(await checkAgain()).toMatchObject({ damaged, mended: 5 });
      const mended = tablesOf(dataDir);
      for (let passed = 0; passed < 11; passed++) expect(await checkAgain()).toMatchObject({ damaged, mended: 5 });
      expect(tablesOf(dataDir)).toEqual(mended);
      expect((await store.append(batchOf([newEvent("2-1")]))).duplicate).toEqual([true]);
    }));

  test("rows that cannot be mended make one pass, not one at each check, whoever checks", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        await fill(store);
        alterLog(dataDir, "DELETE FROM event_id WHERE seq = 2");
        const begins: number[] = [];
        let known: LogCheck | null = null;
        for (let nowMs = 0; nowMs < 5; nowMs++) {
          // A process of its own for each check, which remembers nothing but the record.
          const { check, close } = openSqliteLogCheck(dataDir, () => null);
          const counted: typeof check = (afterSeq, isPass) => {
            if (isPass && afterSeq === 0) begins.push(nowMs);
            return check(afterSeq, isPass);
          };
          const settings = { nowMs: () => nowMs, throttle: async () => {}, passEveryMs: 1_000, record: async () => {} };
          known = await continueLogCheck(counted, known, settings).finally(close);
          if (nowMs === 2) alterLog(dataDir, "DELETE FROM event_id WHERE seq = 5");
        }
        expect(begins).toEqual([0, 3]);
      }),
    ));

  test("every damaged and every missing chunk is named, and no longer once a pass finds it whole again", () =>
    usingChecked(async (dataDir, _, checkAgain) => {
      alterLog(
        dataDir,
        "CREATE TABLE copy AS SELECT * FROM chunk; DELETE FROM chunk WHERE seq IN (3, 4); UPDATE chunk SET body = x'00' WHERE seq = 6",
      );
      const reasons = ["chunk 3 of the log is missing", "chunk 4 of the log is missing", "chunk 6 of the log is damaged"];
      expect((await checkAgain()).damaged).toEqual(reasons.map((reason) => `${reason}; restore the log from a copy`));
      alterLog(dataDir, "INSERT OR REPLACE INTO chunk SELECT * FROM copy");
      expect((await checkAgain()).damaged).toHaveLength(3);
      for (let passed = 0; passed < 10; passed++) await checkAgain();
      expect((await checkAgain()).damaged).toEqual([]);
    }));

  test("whatever rows beside the chunks are lost or changed, one pass makes them what they were", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: chunks })), { minLength: 1, maxLength: 8 }),
        (acts) =>
          usingChecked(async (dataDir, _, checkAgain) => {
            const before = tablesOf(dataDir);
            for (const [kind, seq] of acts) {
              const sql = [
                "DELETE FROM chunk_day WHERE seq =",
                "DELETE FROM event_id WHERE seq =",
                "UPDATE chunk_day SET first_ms = first_ms + 7, last_ms = last_ms - 7 WHERE seq =",
                "UPDATE event_id SET seq = seq + 100 WHERE seq =",
                "UPDATE chunk SET events = 77, received_at_ms = 9 WHERE seq =",
                "UPDATE day_total SET chunks = 0 WHERE day <>",
              ][kind];
              alterLog(dataDir, `${sql} ${seq}`);
            }
            expect((await checkAgain()).damaged).toEqual([]);
            expect(tablesOf(dataDir)).toEqual(before);
          }),
      ),
      { numRuns: 100 },
    ));
});
