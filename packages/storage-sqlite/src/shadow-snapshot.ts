import { createHash } from "node:crypto";
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UnderivableError } from "@trinity/storage/shadow-state";
import Sqlite from "better-sqlite3";
import { databasePath } from "./database.ts";
import { createPrivately } from "./database-file.ts";

/**
 * Copies the state file of a derivation that nobody has open: where all later ones begin once the beginning of the log has gone. The name
 * of the copy holds its checksum, because nothing is left to compare it with.
 * @param folder of derivations @param dataDir of the derivation
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
 * Begins a derivation with a copy of the base.
 * @param dataDir of the new derivation; there is none while the copy is not whole
 * @throws {UnderivableError} when there is no base, or it is not as it was made
 */
export async function beginAtSnapshot(folder: string, dataDir: string): Promise<void> {
  const [name] = basesIn(folder);
  if (name === undefined) throw new UnderivableError("the log no longer holds its beginning, and there is no base to begin at");
  if (name !== `base-${await checksumOf(join(folder, name))}.db`) throw new UnderivableError("the base of all derivations is damaged");
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
