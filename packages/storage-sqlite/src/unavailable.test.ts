import { DamagedDataError, StoreTakenError, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { SqliteError } from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { watchConnections } from "./sqlite-faults.testing.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";
import { openSqliteLeaseStore } from "./sqlite-lease-store.ts";
import { attemptOn } from "./unavailable.ts";

const kept = [
  "SQLITE_IOERR_FSYNC",
  "SQLITE_IOERR_UNLOCK",
  "SQLITE_READONLY",
  "SQLITE_READONLY_DBMOVED",
  "SQLITE_CANTOPEN",
  "SQLITE_PROTOCOL",
];
const notKept = ["SQLITE_FULL", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_NOMEM"];
const ofFiles = ["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM"];
const notPassing = ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_ERROR"];

async function outcomeOf(error: unknown, file: "log.db" | null = null): Promise<{ thrown: unknown; reopened: number }> {
  let reopened = 0;
  const attempt = attemptOn({ file, reopen: () => void (reopened += 1) });
  const thrown = await attempt(() => {
    throw error;
  }).catch((reason: unknown) => reason);
  return { thrown, reopened };
}

test("what a disk, a lock or the memory does for a while is an outage; only what a connection may keep begins a new one", async () => {
  for (const code of [...kept, ...notKept]) {
    const { thrown, reopened } = await outcomeOf(new SqliteError("failed", code));
    expect([thrown instanceof StoreUnavailableError, reopened], code).toEqual([true, kept.includes(code) ? 1 : 0]);
  }
  for (const code of ofFiles) {
    const { thrown, reopened } = await outcomeOf(Object.assign(new Error("failed"), { code }));
    expect([thrown instanceof StoreUnavailableError, reopened], code).toEqual([true, 0]);
  }
});

test("an outage is said in words, each of its own, with the code", async () => {
  const saidOf = async (error: Error) => ((await outcomeOf(error)).thrown as Error).message;
  expect(await saidOf(new SqliteError("failed", "SQLITE_FULL"))).toBe("the disk is full (SQLITE_FULL)");
  expect(await saidOf(new SqliteError("failed", "SQLITE_IOERR_SHMSIZE"))).toBe("the disk is full (SQLITE_IOERR_SHMSIZE)");
  expect(await saidOf(Object.assign(new Error("EROFS: /data/log.db"), { code: "EROFS" }))).toBe("the disk is read-only (EROFS)");
  for (const code of [...kept, ...notKept]) expect(await saidOf(new SqliteError("failed", code))).not.toContain("the store failed");
  for (const code of ofFiles) expect(await saidOf(Object.assign(new Error("failed"), { code }))).not.toContain("the store failed");
});

test("damage and broken rules stay what they are", async () => {
  for (const error of [...notPassing.map((code) => new SqliteError("failed", code)), new RangeError("a mistake"), new Error("no code")]) {
    expect(await outcomeOf(error)).toEqual({ thrown: error, reopened: 0 });
  }
});

test("what is no error stays what it is, whatever code it bears", async () => {
  for (const thrown of [null, undefined, "EIO", { code: "EIO" }]) expect(await outcomeOf(thrown)).toEqual({ thrown, reopened: 0 });
});

test("damage of a file that cannot be made again is named", async () => {
  for (const code of ["SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "SQLITE_NOTADB"]) {
    const { thrown } = await outcomeOf(new SqliteError("failed", code), "log.db");
    expect(thrown instanceof DamagedDataError ? thrown.reason : thrown, code).toBe("log.db is damaged; restore it from a copy");
  }
});

test("a log that another process appends to is taken; one on a full disk is not, and appends go on once there is space", () =>
  usingDataDir(async (dataDir) => {
    const connections = watchConnections();
    onTestFinished(() => connections.restore());
    const [first, second] = [openSqliteStore({ dataDir, mode: "readwrite" }), openSqliteStore({ dataDir, mode: "readwrite" })];
    await first.append(batchOf([newEvent("a")]));
    await expect(second.append(batchOf([newEvent("b")]))).rejects.toBeInstanceOf(StoreTakenError);
    connections.breakAll("SQLITE_FULL");
    await expect(first.append(batchOf([newEvent("c")]))).rejects.not.toBeInstanceOf(StoreTakenError);
    connections.mend();
    await first.append(batchOf([newEvent("c")]));
    await Promise.all([first.close(), second.close()]);
  }));

/** What each kind of connection is used for; each must work once its connections were replaced. */
const uses: readonly (readonly [string, (dataDir: string) => { use: () => Promise<unknown>; close: () => Promise<void> }])[] = [
  ["an append", (dataDir) => ofStore(dataDir, (store, n) => store.append(batchOf([newEvent(`e${n}`)])))],
  ["a read of the log", (dataDir) => ofStore(dataDir, (store) => store.headSeq())],
  [
    "a fold",
    (dataDir) =>
      ofStore(dataDir, async (store, n) => {
        await store.append(batchOf([newEvent(`e${n}`)]));
        await foldAll(store, () => noonMs);
      }),
  ],
  ["a read of the state", (dataDir) => ofStore(dataDir, (store) => store.readVerification())],
  [
    "a key",
    (dataDir) => {
      const keys = openSqliteKeyStore({ dataDir });
      return { use: () => keys.list(), close: () => keys.close() };
    },
  ],
  [
    "a lease",
    (dataDir) => {
      const leases = openSqliteLeaseStore({ dataDir, mode: "readwrite" });
      return { use: () => leases.acquire("fold", "a", 1_000, 0), close: () => leases.close() };
    },
  ],
];

function ofStore(dataDir: string, use: (store: ReturnType<typeof openSqliteStore>, n: number) => Promise<unknown>) {
  const store = openSqliteStore({ dataDir, mode: "readwrite" });
  let n = 0;
  return { use: () => use(store, n++), close: () => store.close() };
}

test.each(uses)("%s that failed for what its connection keeps works the next time, on a new one", (_name, open) =>
  usingDataDir(async (dataDir) => {
    const connections = watchConnections();
    onTestFinished(() => connections.restore());
    const { use, close } = open(dataDir);
    await use();
    for (const code of kept) {
      connections.breakAll(code);
      await expect(use(), code).rejects.toBeInstanceOf(StoreUnavailableError);
      await use();
    }
    await close();
  }),
);

test.each(uses)("%s that found the disk full works on the same connection once there is space", (_name, open) =>
  usingDataDir(async (dataDir) => {
    const connections = watchConnections();
    onTestFinished(() => connections.restore());
    const { use, close } = open(dataDir);
    await use();
    connections.breakAll("SQLITE_FULL");
    await expect(use()).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(use()).rejects.toBeInstanceOf(StoreUnavailableError);
    connections.mend();
    await use();
    await close();
  }),
);
