import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The secret behind all pseudonyms: the given one, or the one of the data folder, made when the folder is new.
 * Without it nobody can be found again, not even to be erased; so it is never replaced.
 */
export function loadPseudonymKey(given: string | undefined, dataDir: string): Uint8Array {
  if (given !== undefined) return Buffer.from(given, "utf8");
  const file = join(dataDir, "pseudonym.key");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "hex");
}
