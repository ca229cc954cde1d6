import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DamagedDataError, type EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { verifyStore } from "@trinity/verification/verify-store";
import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { acceptLog } from "./accept-log.ts";
import { readAcknowledgedHead } from "./acknowledged-head.ts";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { openSqliteStore } from "./sqlite-event-store.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";

const wayOut = /restore the newest copy of log\.db .*or count what is there with: npm run trinity -- rebuild --from-log$/;

async function append(store: EventStore, from: number, through: number): Promise<void> {
  for (let i = from; i <= through; i++) await store.append(batchOf([newEvent(`e${i}`)]));
}

/** A folder with so many commits, all folded, and a copy of its files as they were after the first two. */
async function prepare(dataDir: string, commits = 4): Promise<{ readonly older: string }> {
  const older = join(dataDir, "older");
  await usingStore(dataDir, async (store) => {
    await append(store, 1, 2);
    await foldAll(store, () => noonMs);
  });
  mkdirSync(older);
  for (const name of readdirSync(dataDir).filter((file) => file !== "older")) cpSync(join(dataDir, name), join(older, name));
  await usingStore(dataDir, async (store) => {
    await append(store, 3, commits);
    await foldAll(store, () => noonMs);
  });
  return { older };
}

function restore(dataDir: string, older: string, ...names: readonly string[]): void {
  for (const name of names) {
    for (const end of ["-wal", "-shm"]) rmSync(join(dataDir, `${name}${end}`), { force: true });
    cpSync(join(older, name), join(dataDir, name));
  }
}

/** What every use of the folder says. */
async function refusalOf(dataDir: string): Promise<string> {
  const reasons = new Set<string>();
  for (const mode of ["readwrite", "readonly"] as const) {
    const uses: ((store: EventStore) => Promise<unknown>)[] = [
      (store) => store.readRollups([]),
      (store) => store.readWatermark(),
      (store) => store.headSeq(),
      ...(mode === "readwrite" ? [(store: EventStore) => store.append(batchOf([newEvent("late")]))] : []),
    ];
    for (const use of uses) {
      const store = openSqliteStore({ dataDir, mode });
      const error = await use(store).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(DamagedDataError);
      reasons.add((error as DamagedDataError).reason);
      await store.close();
    }
  }
  expect(reasons.size).toBe(1);
  return [...reasons].join();
}

async function expectUsable(dataDir: string, commits: number): Promise<void> {
  await usingStore(dataDir, async (store) => {
    await append(store, 100, 100);
    await foldAll(store, () => noonMs);
    expect(await store.headSeq()).toBe(commits + 1);
    expect((await verifyStore(store)).differing).toBe(0);
  });
}

describe("a log that is not the whole log is refused by everything, and nothing is changed", () => {
  type Damage = (dataDir: string, older: string) => void;
  const damages: readonly (readonly [string, RegExp, Damage])[] = [
    ["an older copy", /^the log ends at commit 2, but 4 are counted; /, (dataDir, older) => restore(dataDir, older, "log.db")],
    [
      "cut to nothing",
      /^log\.db is missing or empty, but 4 of its commits are counted; /,
      (dataDir) => truncateSync(join(dataDir, "log.db")),
    ],
    ["deleted", /^log\.db is missing or empty, but 4 of its commits are counted; /, (dataDir) => unlinkSync(join(dataDir, "log.db"))],
    [
      "deleted together with the state",
      /^log\.db is missing or empty, but 4 of its commits were acknowledged; /,
      (dataDir) => ["log.db", "state.db"].map((name) => unlinkSync(join(dataDir, name))),
    ],
    [
      "an older copy together with the state of its time",
      /^the log ends at commit 2, but 4 were acknowledged; /,
      (dataDir, older) => restore(dataDir, older, "log.db", "state.db"),
    ],
    [
      "the log of another data set, as long",
      /^commit 4 of the log is not the one that was there when 4 are counted; /,
      (dataDir) => {
        const log = new Sqlite(join(dataDir, "log.db"));
        log.exec("UPDATE chunk SET body = (SELECT body FROM chunk WHERE seq = 3) WHERE seq = 4");
        log.close();
      },
    ],
  ];
  test.each(damages)("%s", (_, reason, damage) =>
    usingDataDir(async (dataDir) => {
      const { older } = await prepare(dataDir);
      damage(dataDir, older);
      const before = existsSync(join(dataDir, "log.db")) ? readFileSync(join(dataDir, "log.db")) : null;
      const refused = await refusalOf(dataDir);
      expect(refused).toMatch(reason);
      expect(refused).toMatch(wayOut);
      expect(existsSync(join(dataDir, "log.db")) ? readFileSync(join(dataDir, "log.db")) : null).toEqual(before);
    }),
  );

  test("a write-ahead log whose database is gone, though nothing was folded or noted", () =>
    usingDataDir(async (dataDir) => {
      writeFileSync(join(dataDir, "log.db-wal"), "commits", { mode: 0o600 });
      expect(await refusalOf(dataDir)).toMatch(/^log\.db is missing or empty, but its log\.db-wal is there; /);
      expect(readFileSync(join(dataDir, "log.db-wal"), "utf8")).toBe("commits");
    }));

  test("one that lost only what was acknowledged and not folded yet", () =>
    usingDataDir(async (dataDir) => {
      const { older } = await prepare(dataDir, 2);
      await usingStore(dataDir, (store) => append(store, 3, 5));
      restore(dataDir, older, "log.db");
      expect(await refusalOf(dataDir)).toMatch(/^the log ends at commit 2, but 5 were acknowledged; /);
    }));
});

describe("a log that is whole is opened", () => {
  test("when the state is older, or gone: the fold goes on from there", () =>
    usingDataDir(async (dataDir) => {
      const { older } = await prepare(dataDir);
      restore(dataDir, older, "state.db");
      await expectUsable(dataDir, 4);
      for (const end of ["", "-wal", "-shm"]) rmSync(join(dataDir, `state.db${end}`), { force: true });
      await expectUsable(dataDir, 5);
    }));

  test("when the note of its head is older, missing or cut short, as a power cut leaves it", () =>
    usingDataDir(async (dataDir) => {
      const { older } = await prepare(dataDir);
      restore(dataDir, older, "log.head");
      await expectUsable(dataDir, 4);
      truncateSync(join(dataDir, "log.head"), 20);
      await expectUsable(dataDir, 5);
      unlinkSync(join(dataDir, "log.head"));
      await expectUsable(dataDir, 6);
      expect(readAcknowledgedHead(dataDir)?.seq).toBe(7);
    }));

  test("when it was written by the version before, which kept no digest", () =>
    usingDataDir(async (dataDir) => {
      await prepare(dataDir);
      unlinkSync(join(dataDir, "log.head"));
      const state = new Sqlite(join(dataDir, "state.db"));
      state.exec("DROP TABLE folded_chunk; ALTER TABLE verification DROP COLUMN unsettled_buckets");
      state.pragma("user_version = 2");
      state.pragma("application_id = 0");
      state.close();
      await expectUsable(dataDir, 4);
    }));
});

describe("acceptLog", () => {
  test.each([
    ["an older log", 2, (dataDir: string, older: string) => restore(dataDir, older, "log.db")],
    ["no log", 0, (dataDir: string) => unlinkSync(join(dataDir, "log.db"))],
    ["a log that nothing speaks against", 4, () => {}],
  ] as const)("makes %s the one that counts, and sets aside what was derived from another", (_, commits, damage) =>
    usingDataDir(async (dataDir) => {
      const { older } = await prepare(dataDir);
      damage(dataDir, older);
      const accepted = acceptLog(dataDir, noonMs);
      expect(accepted.commits).toBe(commits);
      expect(readdirSync(join(dataDir, accepted.setAsideIn))).toEqual(expect.arrayContaining(["log.head", "state.db"]));
      await expectUsable(dataDir, commits);
    }),
  );

  test("changes nothing while another process appends, or where the log lacks a commit", () =>
    usingDataDir(async (dataDir) => {
      await prepare(dataDir);
      await usingStore(dataDir, async (store) => {
        await append(store, 5, 5);
        expect(() => acceptLog(dataDir, noonMs)).toThrow("another process appends");
      });
      const log = new Sqlite(join(dataDir, "log.db"));
      log.exec("DELETE FROM chunk WHERE seq = 2");
      log.close();
      expect(() => acceptLog(dataDir, noonMs)).toThrow("does not hold every commit");
      expect(existsSync(join(dataDir, "state.db"))).toBe(true);
    }));
});

describe("acceptLog that refuses a log leaves every file as it was", () => {
  const log = (dataDir: string) => join(dataDir, "log.db");
  const damages: readonly (readonly [string, (dataDir: string) => void])[] = [
    [
      "a log that lacks a commit",
      (dataDir) => {
        const database = new Sqlite(log(dataDir));
        database.exec("DELETE FROM chunk WHERE seq = 2");
        database.close();
      },
    ],
    [
      "a log whose pages are overwritten",
      (dataDir) => {
        const bytes = readFileSync(log(dataDir));
        writeFileSync(log(dataDir), bytes.fill(0x5a, 4_096));
      },
    ],
    ["a log that is no database", (dataDir) => writeFileSync(log(dataDir), "no database at all, but text".repeat(400))],
    ["a log that is a folder", (dataDir) => (unlinkSync(log(dataDir)), mkdirSync(log(dataDir), { mode: 0o700 }))],
  ];
  test.each(damages.flatMap(([what, damage]) => [true, false].map((hasWal) => [what, hasWal, damage] as const)))(
    "%s, with a write-ahead log beside it: %s",
    (_, hasWal, damage) =>
      usingDataDir(async (dataDir) => {
        await prepare(dataDir);
        damage(dataDir);
        if (hasWal) writeFileSync(`${log(dataDir)}-wal`, "commits".repeat(900), { mode: 0o600 });
        // Locks, the index of a write-ahead log and an empty one hold no data.
        const files = () =>
          readdirSync(dataDir, { withFileTypes: true })
            .map((file) => [file.name, file.isFile() ? readFileSync(join(dataDir, file.name), "hex") : "a folder"] as const)
            .filter(([name, content]) => !/\.lock$|-shm$/.test(name) && (content !== "" || !name.endsWith("-wal")));
        const before = files();
        expect(() => acceptLog(dataDir, noonMs)).toThrow();
        expect(files()).toEqual(before);
      }),
  );
});

describe("files that go while they are in use", () => {
  const acts: readonly (readonly [string, RegExp, (dataDir: string) => void])[] = [
    ["the folder is deleted", /^log\.db is gone: /, (dataDir) => rmSync(dataDir, { recursive: true })],
    ["the folder is moved away", /^log\.db is gone: /, (dataDir) => renameSync(dataDir, `${dataDir}-moved`)],
    [
      "the folder is replaced by a copy",
      /^log\.db is another file /,
      (dataDir) => {
        cpSync(dataDir, `${dataDir}-moved`, { recursive: true });
        rmSync(dataDir, { recursive: true });
        renameSync(`${dataDir}-moved`, dataDir);
      },
    ],
    [
      "log.db is replaced by an older one",
      /^log\.db is another file /,
      (dataDir) => renameSync(join(dataDir, "older", "log.db"), join(dataDir, "log.db")),
    ],
    ["log.db-wal is deleted", /^log\.db-wal is gone: /, (dataDir) => unlinkSync(join(dataDir, "log.db-wal"))],
    ["the lock of the appender is deleted", /^log-writer\.lock is gone: /, (dataDir) => unlinkSync(join(dataDir, "log-writer.lock"))],
  ];
  test.each(acts)("%s: nothing is acknowledged from then on, and nothing is made anew", (_, reason, act) =>
    usingDataDir(async (dataDir) => {
      await prepare(dataDir);
      try {
        await usingStore(dataDir, async (store) => {
          await append(store, 5, 5);
          act(dataDir);
          const isThere = existsSync(dataDir);
          for (const id of ["a", "b"]) {
            await expect(store.append(batchOf([newEvent(id)]))).rejects.toMatchObject({
              name: "DamagedDataError",
              reason: expect.stringMatching(reason),
            });
          }
          expect(existsSync(dataDir)).toBe(isThere);
        });
      } finally {
        rmSync(`${dataDir}-moved`, { recursive: true, force: true });
      }
    }),
  );

  test("readers notice too, and the same files put back are good again", () =>
    usingDataDir(async (dataDir) => {
      await prepare(dataDir);
      const reader = openSqliteStore({ dataDir, mode: "readonly" });
      const keys = openSqliteKeyStore({ dataDir });
      await Promise.all([reader.readRollups([]), keys.list()]);
      renameSync(dataDir, `${dataDir}-moved`);
      for (const asked of [reader.readRollups([]), reader.readWatermark(), reader.headSeq(), keys.list()]) {
        await expect(asked).rejects.toBeInstanceOf(DamagedDataError);
      }
      renameSync(`${dataDir}-moved`, dataDir);
      expect((await reader.readRollups([])).headSeq).toBe(4);
      await Promise.all([reader.close(), keys.close()]);
    }));
});
