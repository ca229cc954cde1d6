import { readFileSync, writeFileSync } from "node:fs";
import { DamagedDataError } from "@trinity/storage/event-store";
import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { expect, test } from "vitest";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { databasePath } from "./database.ts";
import { hasDamagedVersions } from "./file-versions.ts";
import { openSqliteKeyStore } from "./sqlite-key-store.ts";

function setVersions(path: string, write: number, read: number): void {
  const bytes = readFileSync(path);
  [bytes[18], bytes[19]] = [write, read];
  writeFileSync(path, bytes);
}

test("only what SQLite writes at no time is damage: 1 and 1, 2 and 2, an empty and a missing file are sound", () =>
  usingDataDir(async (dataDir) => {
    const path = `${dataDir}/any.db`;
    expect(hasDamagedVersions(path)).toBe(false);
    writeFileSync(path, "");
    expect(hasDamagedVersions(path)).toBe(false);
    writeFileSync(path, Buffer.alloc(100));
    for (const [write, read, isDamaged] of [
      [1, 1, false],
      [3, 2, true],
      [2, 2, false],
      [0, 2, true],
      [2, 130, true],
    ] as const) {
      setVersions(path, write, read);
      // Another size, as after any change: two writes within a millisecond look the same otherwise.
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1)]));
      expect(hasDamagedVersions(path), `${write} ${read}`).toBe(isDamaged);
    }
  }));

test.each(["log", "operations"] as const)("a %s.db that its header makes read-only is named as damaged, not waited for", (name) =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, async (store) => void (await store.append(batchOf([newEvent("a")]))));
    const keys = openSqliteKeyStore({ dataDir });
    await keys.list();
    await keys.close();
    setVersions(databasePath(dataDir, name), 3, 2);
    const again = openSqliteKeyStore({ dataDir });
    const use = name === "log" ? usingStore(dataDir, async (store) => void (await store.append(batchOf([newEvent("b")])))) : again.list();
    const error = await use.catch((thrown: unknown) => thrown);
    await again.close();
    expect(error).toBeInstanceOf(DamagedDataError);
    expect((error as DamagedDataError).reason).toBe(`${name}.db is damaged; restore it from a copy`);
  }),
);
