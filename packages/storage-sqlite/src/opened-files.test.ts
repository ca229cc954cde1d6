import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";
import { expect, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { openedFiles } from "./opened-files.ts";

function reasonOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof DamagedDataError ? error.reason : `${error}`;
  }
}

test("each file that is gone, or is another than was opened, is named without its folder", () =>
  usingDataDir(async (dataDir) => {
    const [a, b] = [join(dataDir, "a.db"), join(dataDir, "b.db")];
    for (const path of [a, b]) writeFileSync(path, "x");
    const files = openedFiles(a, b);
    files.noteOpened();
    expect(reasonOf(files.requireInPlace)).toBeNull();
    writeFileSync(b, "written on");
    expect(reasonOf(files.requireInPlace)).toBeNull();
    rmSync(b);
    expect(reasonOf(files.requireInPlace)).toBe("b.db is gone: the data folder was deleted, moved or replaced; put it back and restart");
    writeFileSync(join(dataDir, "c.db"), "x");
    renameSync(join(dataDir, "c.db"), b);
    renameSync(a, join(dataDir, "moved.db"));
    writeFileSync(a, "x");
    expect(reasonOf(files.requireInPlace)).toBe(
      "a.db is another file than the one that was opened: the data folder was deleted, moved or replaced; put it back and restart",
    );
  }));

test("before they are opened nothing is required of files; what was opened first counts, also when it is opened again", () =>
  usingDataDir(async (dataDir) => {
    const path = join(dataDir, "a.db");
    const files = openedFiles(path);
    expect([files.isOpened(), reasonOf(files.requireInPlace)]).toEqual([false, null]);
    writeFileSync(path, "x");
    files.noteOpened();
    expect(files.isOpened()).toBe(true);
    renameSync(path, join(dataDir, "moved.db"));
    writeFileSync(path, "x");
    files.noteOpened();
    expect(reasonOf(files.requireInPlace)).toContain("a.db is another file");
  }));
