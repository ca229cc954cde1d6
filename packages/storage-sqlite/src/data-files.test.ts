import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CorruptChunkError, decodeChunk } from "@trinity/storage/chunk-body";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, commit, newEvent, noonMs } from "@trinity/storage/store-examples";
import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";

describe("files", () => {
  test("only their owner may read them, whatever the umask", () =>
    usingDataDir(async (dataDir) => {
      const umask = process.umask(0);
      try {
        await usingStore(dataDir, async (store) => {
          await store.append(batchOf([newEvent("a")]));
          await commit(store, {});
          const keys = openSqliteKeyStore({ dataDir });
          await keys.list();
          const modes = readdirSync(dataDir).map((file) => [file, (statSync(join(dataDir, file)).mode & 0o777).toString(8)]);
          expect(modes.map(([file]) => file)).toEqual(expect.arrayContaining(["log.db", "log.db-wal", "state.db", "operations.db"]));
          expect(modes).toEqual(modes.map(([file]) => [file, "600"]));
          await keys.close();
        });
      } finally {
        process.umask(umask);
      }
    }));

  test("a database that every user may read is refused, with the way out", () =>
    usingDataDir(async (dataDir) => {
      await usingStore(dataDir, (store) => store.append(batchOf([newEvent("a")])).then(() => {}));
      chmodSync(join(dataDir, "log.db"), 0o644);
      await usingStore(dataDir, async (store) => {
        await expect(store.headSeq()).rejects.toThrow(/chmod o= .*log\.db/);
        chmodSync(join(dataDir, "log.db"), 0o600);
        expect(await store.headSeq()).toBe(1);
      });
    }));

  test("who only appends and reads the log does not open the state", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        await store.append(batchOf([newEvent("a")]));
        await store.readChunks(0, 10);
        expect(readdirSync(dataDir).filter((file) => file.startsWith("state"))).toEqual([]);
      }),
    ));

  test("a reader waits for the files to be made, then sees what the writer writes", () =>
    usingDataDir(async (dataDir) => {
      const reader = openSqliteStore({ dataDir, mode: "readonly" });
      await expect(reader.readRollups([])).rejects.toBeInstanceOf(StoreUnavailableError);
      await usingStore(dataDir, async (store) => {
        await store.append(batchOf([newEvent("a")]));
        await commit(store, {});
        expect(await reader.readRollups([])).toMatchObject({ headSeq: 1, watermark: { seq: 1 } });
        await store.append(batchOf([newEvent("b")]));
        expect((await reader.readChunks(1, 10))[0]?.events[0]?.eventId).toBe("b");
        await expect(reader.append(batchOf([newEvent("c")]))).rejects.toThrow(/readonly/);
        await expect(commit(reader, {})).rejects.toThrow(/readonly/);
      });
      await reader.close();
    }));

  test("a closed store refuses instead of opening again", () =>
    usingDataDir(async (dataDir) => {
      const store = openSqliteStore({ dataDir, mode: "readwrite" });
      await store.append(batchOf([newEvent("a")]));
      await store.close();
      await expect(store.headSeq()).rejects.toBeInstanceOf(StoreUnavailableError);
    }));
});

test.each(["log.db", "operations.db"])("%s without its header is said to be damaged, and what to do", (file) =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, (store) => store.append(batchOf([newEvent("a")])).then(() => {}));
    const keys = openSqliteKeyStore({ dataDir });
    await keys.list();
    await keys.close();
    writeFileSync(join(dataDir, file), Buffer.alloc(8_192, 1));
    const reopened = openSqliteKeyStore({ dataDir });
    const reason = `${file} is damaged; restore it from a copy`;
    await usingStore(dataDir, async (store) => {
      const work = file === "log.db" ? [store.headSeq(), store.append(batchOf([newEvent("b")]))] : [reopened.list()];
      for (const one of work) await expect(one).rejects.toMatchObject({ name: "DamagedDataError", reason });
    });
    await reopened.close();
  }),
);

describe("a damaged log", () => {
  test("whichever byte of a chunk changed, reading it fails by its number or brings what was written", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        await store.append(batchOf([newEvent("a"), newEvent("b")]));
        const [written] = await store.readChunks(0, 10);
        const body = alterLog(dataDir, (log) => log.prepare("SELECT body FROM chunk").pluck().get() as Buffer);
        let refused = 0;
        for (let i = 0; i < body.length * 8; i++) {
          const damaged = Buffer.from(body);
          damaged[i >> 3] = (damaged[i >> 3] as number) ^ (1 << (i & 7));
          try {
            expect(decodeChunk(1, damaged)).toEqual(written);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptChunkError);
            refused += 1;
          }
        }
        expect(refused).toBeGreaterThan(body.length * 7);
        alterLog(dataDir, (log) => log.prepare("UPDATE chunk SET body = ?").run(Buffer.from(body).fill(0, body.length - 2)));
        await expect(store.readChunks(0, 10)).rejects.toThrow("chunk 1 of the log is damaged");
      }),
    ));

  test("chunks that changed places are noticed", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        for (const id of ["a", "b"]) await store.append(batchOf([newEvent(id)]));
        alterLog(dataDir, (log) => log.exec("UPDATE chunk SET body = (SELECT body FROM chunk WHERE seq = 1) WHERE seq = 2"));
        await expect(store.readChunks(1, 10)).rejects.toThrow("chunk 2 of the log holds chunk 1");
      }),
    ));

  test("a chunk that is missing is not passed over", () =>
    usingDataDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        for (const id of ["a", "b", "c"]) await store.append(batchOf([newEvent(id)]));
        await commit(store, { to: { seq: 3 }, index: [{ kind: "user", key: "user-1", seq: 2 }] });
        alterLog(dataDir, (log) => log.exec("DELETE FROM chunk WHERE seq = 2"));
        const isMissing = "chunk 2 of the log is missing";
        await expect(store.readChunks(0, 10)).rejects.toThrow(isMissing);
        await expect(store.readChunks(1, 10)).rejects.toThrow(isMissing);
        await expect(
          store.readChunksInRanges({ afterSeq: 0, throughSeq: 3, ranges: [{ fromMs: 0, toMs: noonMs * 2 }] }, 10),
        ).rejects.toThrow(isMissing);
        await expect(store.readChunksOfUser("user-1")).rejects.toThrow(isMissing);
      }),
    ));
});

function alterLog<Result>(dataDir: string, alter: (log: Sqlite.Database) => Result): Result {
  const log = new Sqlite(join(dataDir, "log.db"));
  try {
    return alter(log);
  } finally {
    log.close();
  }
}
