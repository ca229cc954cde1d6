import { createHash } from "node:crypto";
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UnderivableError } from "@trinity/storage/shadow-state";
import Sqlite from "better-sqlite3";
import { databasePath } from "./database.ts";
import { createPrivately } from "./database-file.ts";

/**
 * Copies the state file of a shadow state, which must be closed. Later shadow states begin there once the beginning of the log is gone. Its
 * name contains its checksum, because nothing is left to compare it with.
 * @param folder of the shadow states @param dataDir of the shadow state to copy
 */
export async function saveSnapshot(folder: string, dataDir: string): Promise<void> {
  const copy = join(folder, "base.new");
  rmSync(copy, { force: true });
  createPrivately(copy);
  const source = new Sqlite(databasePath(dataDir, "state"), { fileMustExist: true });
  try {
    source.prepare("VACUUM INTO ?").run(copy);
  } finally {
    source.close();
  }
  const name = `base-${await checksumOf(copy)}.db`;
  renameSync(copy, join(folder, name));
  for (const other of basesIn(folder)) if (other !== name) rmSync(join(folder, other));
}

/**
 * Begins a shadow state with a copy of the snapshot.
 * @param dataDir of the new shadow state; it exists only once the copy is complete
 * @throws {UnderivableError} when the snapshot is missing or damaged
 */
export async function beginAtSnapshot(folder: string, dataDir: string): Promise<void> {
  const [name] = basesIn(folder);
  if (name === undefined) throw new UnderivableError("the log no longer has its beginning, and there is no snapshot to begin at");
  if (name !== `base-${await checksumOf(join(folder, name))}.db`) throw new UnderivableError("the snapshot of the shadow state is damaged");
  const begun = `${dataDir}.new`;
  rmSync(begun, { recursive: true, force: true });
  mkdirSync(begun, { recursive: true, mode: 0o700 });
  createPrivately(databasePath(begun, "state"));
  copyFileSync(join(folder, name), databasePath(begun, "state"));
  renameSync(begun, dataDir);
}

function basesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^base-.+\.db$/.test(name)) : [];
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
