import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { SqliteError } from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { withFileNamed } from "./file-access.ts";
import { takeFolderLock } from "./folder-lock.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";

// Each use of a folder is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const nobody = 65_534;
/** Root may read and write every file, so what is about rights runs as another user. */
const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
const canRun =
  spawnSync(process.execPath, ["-e", "require('node:fs').accessSync(process.argv[1])", import.meta.filename], user).status === 0;

/** Uses a data folder as that user would. @returns what each use fails with; null where it does not */
function messagesIn(dataDir: string): Record<string, string | null> {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url));
  const script = `
    const { openSqliteStore } = await import(${url("./sqlite-event-store.ts")});
    const { openSqliteKeyStore } = await import(${url("./sqlite-key-store.ts")});
    const { takeStartLock } = await import(${url("./folder-lock.ts")});
    const dataDir = process.argv[1];
    const [writer, reader, keys] = ["readwrite", "readonly"].map((mode) => openSqliteStore({ dataDir, mode })).concat(openSqliteKeyStore({ dataDir }));
    const uses = {
      state: () => writer.readWatermark(),
      append: () => writer.append({ receivedAtMs: 0, events: [], rejections: [] }).finally(() => writer.close()),
      log: () => reader.headSeq(),
      keys: () => keys.list(),
      start: async () => takeStartLock(dataDir).release(),
    };
    const said = {};
    for (const [name, use] of Object.entries(uses)) said[name] = await use().then(() => null, (error) => error.name + ": " + error.message);
    process.stdout.write(JSON.stringify(said));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, dataDir], { ...user, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** A data folder of that user in which everything was used once. */
function newFolder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-access-"));
  onTestFinished(() => {
    chmodSync(dataDir, 0o700);
    rmSync(dataDir, { recursive: true, force: true });
  });
  if (user.uid !== undefined) chownSync(dataDir, nobody, nobody);
  expect(messagesIn(dataDir)).toMatchObject({ append: null, keys: null, start: null });
  return dataDir;
}

const right = "give the user that runs this the right to read and write the data folder and each file in it";

test.skipIf(!canRun)("whichever file this user may not open, every use that needs it names it, the code and what to do", () => {
  const needed: Readonly<Record<string, readonly string[]>> = {
    "log.db": ["append", "log", "state"],
    "state.db": ["append", "log", "state"],
    "operations.db": ["keys"],
    "start.lock": ["start"],
    "log-writer.lock": ["append", "start"],
    "log.head": ["append", "log", "state"],
  };
  const dataDir = newFolder();
  for (const [file, uses] of Object.entries(needed)) {
    expect(readdirSync(dataDir)).toContain(file);
    chmodSync(join(dataDir, file), 0);
    const said = messagesIn(dataDir);
    chmodSync(join(dataDir, file), 0o600);
    for (const use of uses)
      expect(said[use], `${use} without ${file}`).toMatch(
        new RegExp(`^StoreUnavailableError: ${file.replace(".", "\\.")} cannot be read( or written)? \\(EACCES\\); ${right}$`),
      );
    for (const message of Object.values(said)) expect(message ?? "").not.toContain(dataDir);
  }
});

test.skipIf(!canRun)("a lock, a database and a folder that may be read but not written are named by whoever writes them", () => {
  const dataDir = newFolder();
  chmodSync(join(dataDir, "log-writer.lock"), 0o400);
  const message = (name: string) => `StoreUnavailableError: ${name} cannot be read or written (EACCES); ${right}`;
  expect(messagesIn(dataDir)).toMatchObject({ append: message("log-writer.lock"), log: null, start: message("log-writer.lock") });
  chmodSync(dataDir, 0o500);
  for (const file of ["start.lock", "operations.db"]) {
    chmodSync(dataDir, 0o700);
    rmSync(join(dataDir, file));
    chmodSync(dataDir, 0o500);
  }
  expect(messagesIn(dataDir)).toMatchObject({ keys: message("the data folder"), start: message("the data folder") });
});

test("a folder in the place of a file is named", () =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, async (store) => void (await store.append(batchOf([newEvent("a")]))));
    for (const name of ["log.db", "operations.db", "start.lock"]) {
      if (existsSync(join(dataDir, name))) renameSync(join(dataDir, name), join(dataDir, `${name}.kept`));
      mkdirSync(join(dataDir, name), { mode: 0o700 });
    }
    const store = openSqliteStore({ dataDir, mode: "readonly" });
    const keys = openSqliteKeyStore({ dataDir });
    const isFolder = (name: string) => `${name} is a folder, not a file (EISDIR); move it away`;
    await expect(keys.list()).rejects.toThrow(isFolder("operations.db"));
    await expect(store.headSeq()).rejects.toThrow(isFolder("log.db"));
    expect(() => takeFolderLock(dataDir, "start")).toThrow(isFolder("start.lock"));
    await Promise.all([store.close(), keys.close()]);
  }));

test("a database that every user of the machine may open is named, with what to do", () =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, async (store) => void (await store.append(batchOf([newEvent("a")]))));
    const store = openSqliteStore({ dataDir, mode: "readwrite" });
    chmodSync(join(dataDir, "log.db"), 0o644);
    const refused = store.headSeq();
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(refused).rejects.toThrow("log.db is open to every user of this machine; in the data folder: chmod o= log.db");
    chmodSync(join(dataDir, "log.db"), 0o600);
    expect(await store.headSeq()).toBe(1);
    await store.close();
  }));

test("a file in the place of the data folder is named", () =>
  usingDataDir(async (parent) => {
    const dataDir = join(parent, "file");
    writeFileSync(dataDir, "");
    expect(() => takeFolderLock(dataDir, "start")).toThrow("the data folder is no folder (ENOTDIR); set TRINITY_DATA_DIR to a folder");
  }));

test("an error that no file explains, and one that is about something else, stays what it is", () =>
  usingDataDir(async (dataDir) => {
    const errors = [new SqliteError("failed", "SQLITE_CANTOPEN"), new SqliteError("failed", "SQLITE_FULL"), new RangeError("a mistake")];
    for (const error of errors) {
      const open = () => {
        throw error;
      };
      expect(() => withFileNamed(join(dataDir, "log.db"), true, open)).toThrow(error);
      expect(() => withFileNamed(join(dataDir, "log.db"), true, open)).not.toThrow(StoreUnavailableError);
    }
  }));
