import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";

const readWithinMs = 5_000;
/** Prints bytes 18 and 19 of a file: the write and read version of the file format. */
const script = `const fs = require("node:fs"), bytes = Buffer.alloc(2), file = fs.openSync(process.argv[1], "r");
process.stdout.write(bytes.subarray(0, fs.readSync(file, bytes, 0, 2, 18)).toString("hex"));`;

/** Checked files by their time of change, so that a read-only disk is not checked again and again. */
const sound = new Map<string, string>();

/**
 * Whether damage of the header makes SQLite treat a file as read-only: it writes only if both bytes are 1 or both are 2.
 * A child process reads them: closing any descriptor of a file drops the locks that SQLite has on it in this process.
 */
export function hasDamagedVersions(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.size === 0) return false;
  const changed = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  if (sound.get(path) === changed) return false;
  const isDamaged = !/^(0101|0202|)$/.test(versionsOf(path));
  if (!isDamaged) sound.set(path, changed);
  return isDamaged;
}

/** @returns "" when it cannot be read now */
function versionsOf(path: string): string {
  try {
    return execFileSync(process.execPath, ["-e", script, path], {
      encoding: "utf8",
      timeout: readWithinMs,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}
