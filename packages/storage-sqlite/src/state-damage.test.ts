import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedDataError, DamagedStateError } from "@trinity/storage/event-store";
import { foldNextOrRepeat } from "@trinity/storage/fold-log";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import Sqlite from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { checkStateFile } from "./check-state-file.ts";
import { usingStore } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import {
  alterSchema,
  alterState,
  chunks,
  filledDirs,
  flipBits,
  foldOn,
  laterMs,
  rowsOf,
  statePath,
  unthrottled,
  usingOwner,
  verify,
} from "./state-damage.testing.ts";

vi.setConfig({ testTimeout: 300_000 });

const usingFilledDir = filledDirs();

describe("a damaged state.db", () => {
  const damages: readonly (readonly [string, (dataDir: string) => void])[] = [
    ["cut in half", (dataDir) => truncateSync(statePath(dataDir), Math.floor(readFileSync(statePath(dataDir)).length / 2))],
    ["emptied", (dataDir) => truncateSync(statePath(dataDir), 0)],
    ["without its header", (dataDir) => flipBits(statePath(dataDir), [3, 90, 17 * 8])],
    ["of a file format that there is not", (dataDir) => flipBits(statePath(dataDir), [47 * 8])],
    ["of a version that it is not", (dataDir) => alterState(dataDir, "PRAGMA user_version = 2")],
    ["of a version that is not there yet", (dataDir) => alterState(dataDir, "PRAGMA user_version = 99")],
    ["of no version", (dataDir) => alterState(dataDir, "PRAGMA user_version = 0")],
    ["that its header makes read-only", (dataDir) => flipBits(statePath(dataDir), [18 * 8])],
    ["that its header makes unreadable", (dataDir) => flipBits(statePath(dataDir), [19 * 8 + 2])],
    ["whose schema spells a column in another case", (dataDir) => alterSchema(dataDir, "mark", "revision", "revIsion")],
    ["whose schema lets a column be null", (dataDir) => alterSchema(dataDir, "entity", "`value` blob NOT", "`value` blob")],
    ["with an index less", (dataDir) => alterState(dataDir, "DROP INDEX cell_set_name_unique")],
    ["with a revision that JavaScript rounds", (dataDir) => alterState(dataDir, "UPDATE mark SET revision = 1 << 60")],
    ["with a table less", (dataDir) => alterState(dataDir, "DROP TABLE entity")],
    ["without its watermark", (dataDir) => alterState(dataDir, "DELETE FROM mark")],
    ["with a watermark beyond the log", (dataDir) => alterState(dataDir, "UPDATE mark SET seq = seq + 4096")],
    ["with a watermark that is not where the last fold ended", (dataDir) => alterState(dataDir, "UPDATE mark SET seq = 2")],
    ["with a watermark at nothing", (dataDir) => alterState(dataDir, "UPDATE mark SET seq = 0")],
    ["whose last fold ended elsewhere", (dataDir) => alterState(dataDir, "UPDATE folded_chunk SET seq = seq + 1")],
  ];
  test.each(damages)("%s is moved out of the way, and rebuilt from the log to what it was", (_, damage) =>
    usingFilledDir(async ({ dataDir, rows }) => {
      damage(dataDir);
      await usingOwner(dataDir, async (owner) => {
        await foldOn(owner);
        expect(await rowsOf(owner)).toEqual(rows);
      });
    }),
  );

  test("a version that no program wrote, under the process that folds, is noticed by who opens the file, and rebuilt", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      await usingOwner(dataDir, async (owner, quarantined) => {
        await owner.readWatermark();
        alterState(dataDir, "PRAGMA user_version = 99");
        const reader = openSqliteStore({ dataDir, mode: "readonly" });
        await expect(reader.readRollups([])).rejects.toThrow("state.db is damaged; the ingest process rebuilds it from the log");
        await foldOn(owner);
        expect(quarantined).toHaveLength(1);
        expect(await rowsOf(reader)).toEqual(rows);
        await reader.close();
      });
    }));

  test("one that a newer program wrote is refused by all with what to do, and stays where it is", () =>
    usingFilledDir(async ({ dataDir }) => {
      alterState(dataDir, "PRAGMA user_version = 7; PRAGMA application_id = 1414678791");
      const reader = openSqliteStore({ dataDir, mode: "readonly" });
      await usingOwner(dataDir, async (owner, quarantined) => {
        for (const ask of [() => owner.readWatermark(), () => reader.readRollups([])]) {
          const error = await ask().catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(DamagedDataError);
          expect((error as DamagedDataError).reason).toBe(
            "state.db was written by a newer version of this program; start that version, or move state.db out of the data folder to have it made anew from the log",
          );
        }
        // What is taken meanwhile is kept, and counted once the state is there.
        expect((await owner.append(batchOf([newEvent("meanwhile")]))).duplicate).toEqual([false]);
        expect(quarantined).toEqual([]);
      });
      expect(readdirSync(dataDir).filter((name) => name.includes("damaged"))).toEqual([]);
      await reader.close();
    }));

  test.each([-1, 1, 1 << 20])("a watermark that moved by %d beside the processes is noticed by each, and the log is not refused", (by) =>
    usingFilledDir(async ({ dataDir }) => {
      const reader = openSqliteStore({ dataDir, mode: "readonly" });
      await reader.readRollups([]);
      await usingOwner(dataDir, async (owner, quarantined) => {
        await owner.readWatermark();
        alterState(dataDir, `UPDATE mark SET seq = seq + ${by}`);
        await expect(reader.readRollups([])).rejects.toThrow("state.db is damaged; the ingest process rebuilds it from the log");
        expect((await owner.append(batchOf([newEvent("meanwhile")]))).duplicate).toEqual([false]);
        await expect(owner.readWatermark()).rejects.toBeInstanceOf(DamagedStateError);
        await foldNextOrRepeat(owner, laterMs);
        expect(quarantined).toHaveLength(1);
        await foldOn(owner);
        expect(await reader.readWatermark()).toMatchObject({ seq: chunks + 1 });
      });
      await reader.close();
    }),
  );

  test("answers are refused with how far the rebuild is, and begin when it has come to the end of the log", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      const reader = openSqliteStore({ dataDir, mode: "readonly" });
      await reader.readRollups([]);
      alterState(dataDir, "DELETE FROM mark");
      await expect(reader.readRollups([])).rejects.toThrow("state.db is damaged; the ingest process rebuilds it from the log");
      await usingOwner(dataDir, async (owner, quarantined) => {
        await expect(owner.readWatermark()).rejects.toBeInstanceOf(DamagedStateError);
        expect(quarantined).toHaveLength(1);
        for (let folded = 0; folded < chunks; folded++) {
          const percent = Math.floor((100 * folded) / chunks);
          const isRebuilding = `the state is being rebuilt from the log: ${percent}%`;
          await expect(reader.readRollups([])).rejects.toThrow(isRebuilding);
          await expect(reader.readEntities({ refs: [], inferredSessions: [] })).rejects.toThrow(isRebuilding);
          await expect(reader.readParts("roomMember", ["room-1"])).rejects.toThrow(isRebuilding);
          await expect(owner.scanState(null, 10)).rejects.toThrow(isRebuilding);
          await owner.append(batchOf([newEvent(`new-${folded}`)]));
          await foldNextOrRepeat(owner, laterMs);
        }
        expect((await reader.readRollups([])).watermark.seq).toBe(chunks);
        expect(await rowsOf(reader)).toEqual(rows);
        await foldOn(owner);
        expect((await reader.readWatermark()).seq).toBe(2 * chunks);
      });
      await reader.close();
    }));

  test("parts of rooms are not read while one of them is no JSON, and those of other rooms are", () =>
    usingFilledDir(async ({ dataDir }) => {
      alterState(dataDir, "UPDATE entity SET value = x'7b' WHERE kind = 'seat'");
      await usingStore(dataDir, async (store) => {
        await expect(store.readParts("roomMember", ["room-2", "room-1"])).rejects.toBeInstanceOf(DamagedStateError);
        expect((await store.readParts("roomMember", ["room-2"]))[0]?.size).toBe(0);
        expect((await store.readParts("roomTitle", ["room-1"]))[0]?.size).toBe(1);
      });
    }));

  test("a rebuild that was killed goes on", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      truncateSync(statePath(dataDir), 10_000);
      for (let started = 0; started < 4; started++) {
        await usingOwner(dataDir, async (owner) => {
          await owner.readWatermark().catch(() => {});
          await foldNextOrRepeat(owner, laterMs);
        });
      }
      await usingOwner(dataDir, async (owner) => {
        await foldOn(owner);
        expect(await rowsOf(owner)).toEqual(rows);
      });
    }));

  test("fold times that cannot be salvaged come from the shadow state", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      alterState(dataDir, "DELETE FROM fold_time");
      await expect(checkStateFile(dataDir, unthrottled)).rejects.toBeInstanceOf(DamagedStateError);
      await usingOwner(dataDir, async (owner) => {
        await foldOn(owner);
        expect(await rowsOf(owner)).toEqual(rows);
      });
    }));

  test.each(["DELETE FROM fold_time WHERE to_seq = 3", "UPDATE fold_time SET folded_at_ms = 5 WHERE to_seq = 3"])(
    "a fold time that differs from the shadow state's is noticed and corrected: %s",
    (sql) =>
      usingFilledDir(async ({ dataDir, rows }) => {
        await checkStateFile(dataDir, unthrottled);
        alterState(dataDir, sql);
        await expect(checkStateFile(dataDir, unthrottled)).rejects.toBeInstanceOf(DamagedStateError);
        await usingOwner(dataDir, async (owner) => {
          await foldOn(owner);
          expect(await rowsOf(owner)).toEqual(rows);
          await checkStateFile(dataDir, unthrottled);
        });
      }),
  );

  test("the audit of repairs outlasts it", () =>
    usingFilledDir(async ({ dataDir }) => {
      alterState(dataDir, "UPDATE cell SET vector = x'0063' WHERE tier = 2");
      let repairs = 0;
      await usingStore(dataDir, async (store) => {
        await verify(dataDir, store);
        ({ repairs } = await store.readVerification());
      });
      expect(repairs).toBeGreaterThan(0);
      alterState(dataDir, "DELETE FROM mark");
      await usingOwner(dataDir, async (owner) => {
        await foldOn(owner);
        expect((await owner.readVerification()).repairs).toBe(repairs);
      });
    }));

  test("the last two are kept, for their owner only", () =>
    usingFilledDir(async ({ dataDir }) => {
      for (let i = 0; i < 4; i++) {
        const rebuilds = { nowMs: () => laterMs + i, onQuarantined: () => {} };
        const owner = openSqliteStore({ dataDir, mode: "readwrite", rebuilds });
        await foldOn(owner);
        await owner.close();
        alterState(dataDir, "DELETE FROM mark");
      }
      const kept = readdirSync(dataDir).filter((name) => /^state\.db\.damaged-[^.]+Z$/.test(name));
      expect(kept).toHaveLength(2);
    }));

  test("a log without its beginning rebuilds nothing: the file stays, and what to do is said", () =>
    usingFilledDir(async ({ dataDir }) => {
      const log = new Sqlite(join(dataDir, "log.db"));
      log.exec("DELETE FROM chunk WHERE seq <= 2; DELETE FROM chunk_day WHERE seq <= 2");
      log.close();
      alterState(dataDir, "DELETE FROM mark");
      await usingOwner(dataDir, async (owner) => {
        await expect(owner.readWatermark()).rejects.toThrow("restore state.db from a copy");
        expect(readdirSync(dataDir).filter((name) => name.includes("damaged"))).toEqual([]);
      });
    }));

  test("a false report changes nothing", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      await usingOwner(dataDir, async (owner, quarantined) => {
        writeFileSync(join(dataDir, "state.db.report"), "suspected 1:1");
        await owner.readWatermark();
        const reader = new Sqlite(statePath(dataDir), { readonly: true });
        reader.close();
        expect(quarantined).toEqual([]);
        expect(await rowsOf(owner)).toEqual(rows);
        expect(readdirSync(dataDir)).not.toContain("state.db.report");
      });
    }));

  test("a cell that damage put before 1970 is removed, though all before then counts as frozen", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      const one = "SELECT set_id, tier, bucket_ms, value, shard FROM cell WHERE tier = 1 LIMIT 1";
      alterState(dataDir, `UPDATE cell SET bucket_ms = -3600000 WHERE (set_id, tier, bucket_ms, value, shard) = (${one})`);
      await usingOwner(dataDir, async (owner) => {
        await verify(dataDir, owner);
        expect(await rowsOf(owner)).toEqual(rows);
      });
    }));

  test("a row whose key is no text any more is rebuilt, because no repair reaches it", () =>
    usingFilledDir(async ({ dataDir, rows }) => {
      alterState(dataDir, "UPDATE cell SET value = CAST(x'76ff' AS TEXT) WHERE value = (SELECT max(value) FROM cell)");
      await usingOwner(dataDir, async (owner, quarantined) => {
        const worker = openSqliteStore({ dataDir, mode: "readwrite" });
        await expect(verify(dataDir, worker)).rejects.toBeInstanceOf(DamagedStateError);
        await foldOn(owner);
        await verify(dataDir, worker).finally(() => worker.close());
        expect([quarantined.length, await rowsOf(owner)]).toEqual([1, rows]);
      });
    }));
});
