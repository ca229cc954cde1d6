import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { newDataDir, removeDataDir } from "./data-dir.testing.ts";
import { findWalDamage } from "./wal-damage.ts";

const headerBytes = 32;
const pageBytes = 512;
const frameBytes = 24 + pageBytes;

/** A write-ahead log of small pages, as a killed process leaves it. */
function walOf(commits: number) {
  const folder = newDataDir();
  onTestFinished(() => removeDataDir(folder));
  const path = join(folder, "log.db");
  const database = new Sqlite(path);
  database.pragma(`page_size = ${pageBytes}`);
  database.pragma("journal_mode = WAL");
  database.pragma("wal_autocheckpoint = 0");
  database.exec("CREATE TABLE chunk (seq INTEGER PRIMARY KEY, body BLOB)");
  const insert = database.prepare("INSERT INTO chunk (body) VALUES (randomblob(700))");
  for (let i = 0; i < commits; i++) insert.run();
  const copy = join(folder, "copy.db");
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const head = database.prepare<[], number>("SELECT max(seq) FROM chunk").pluck().get() as number;
  database.close();
  return { copy, wal: `${copy}-wal`, head, bytes: readFileSync(`${copy}-wal`) };
}

/** The newest row that SQLite itself finds. */
function headOf(copy: string): number {
  const database = new Sqlite(copy);
  try {
    return database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM chunk").pluck().get() as number;
  } catch {
    return 0; // without its log the file may not even have the table
  } finally {
    database.close();
  }
}

const commitOfFrame = (bytes: Buffer, frame: number) => bytes.readUInt32BE(headerBytes + (frame - 1) * frameBytes + 4) !== 0;

test("a whole file, and one that a crash cut anywhere, is not damaged", () => {
  const { wal, bytes } = walOf(12);
  expect(findWalDamage(wal, pageBytes)).toBeNull();
  for (let length = 0; length <= bytes.length; length += 97) {
    writeFileSync(wal, bytes);
    truncateSync(wal, length);
    expect(findWalDamage(wal, pageBytes), `cut at ${length}`).toBeNull();
  }
  expect(findWalDamage(`${wal}-none`)).toBeNull();
});

test("whichever bit flips, the damage is found where two commits follow it, and no loss of more than three commits is missed", () => {
  const { copy, wal, head, bytes } = walOf(12);
  const database = readFileSync(copy);
  const frames = Math.floor((bytes.length - headerBytes) / frameBytes);
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      writeFileSync(wal, flipped);
      const found = findWalDamage(wal, pageBytes);
      const frame = bit >> 3 < headerBytes ? 0 : Math.floor(((bit >> 3) - headerBytes) / frameBytes) + 1;
      const commitsBehind = Array.from({ length: frames - frame }, (_, i) => commitOfFrame(bytes, frame + 1 + i)).filter(Boolean).length;
      if (found !== null) expect(found).toBe(frame);
      writeFileSync(copy, database);
      const lost = head - headOf(copy);
      // The first frame behind a broken checksum does not continue it, so its commit may not count.
      if (lost > 0 && commitsBehind >= 3) expect(found).toBe(frame);
      if (found === null) expect(lost).toBeLessThanOrEqual(3);
    }),
    { numRuns: 300 },
  );
});

test("frames of an earlier pass over the file, after the end of this one, are no damage", () => {
  const folder = newDataDir();
  onTestFinished(() => removeDataDir(folder));
  const path = join(folder, "log.db");
  const database = new Sqlite(path);
  database.pragma("journal_mode = WAL");
  database.pragma("wal_autocheckpoint = 0");
  database.exec("CREATE TABLE chunk (seq INTEGER PRIMARY KEY, body BLOB)");
  const insert = database.prepare("INSERT INTO chunk (body) VALUES (randomblob(700))");
  for (let i = 0; i < 20; i++) insert.run();
  database.pragma("wal_checkpoint(RESTART)");
  const before = statSync(`${path}-wal`).size;
  for (let i = 0; i < 3; i++) insert.run();
  expect(statSync(`${path}-wal`).size).toBe(before);
  expect(findWalDamage(`${path}-wal`)).toBeNull();
  database.close();
});
