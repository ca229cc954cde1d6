import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `isNew`: this call made it. */
export type PseudonymKey = { readonly secret: Uint8Array; readonly isNew: boolean };

const fileName = "pseudonym.key";
const secretBytes = 32;

/**
 * The secret behind all pseudonyms: the given one, or the one of the data folder, made when the folder is new.
 * Without it nobody can be found again, not even to be erased; so it is never replaced.
 * @param hasData whether events were taken into the folder already
 * @returns the secret, or what an operator must do
 */
export function loadPseudonymKey(
  given: string | undefined,
  dataDir: string,
  hasData: boolean,
): PseudonymKey | { readonly problem: string } {
  if (given !== undefined) return { secret: Buffer.from(given, "utf8"), isNew: false };
  try {
    const isNew = !hasData && makeKeyFile(dataDir);
    const text = readKeyFile(dataDir);
    if (text === null) return { problem: keyIsMissing };
    const secret = secretOf(text);
    if (secret === null)
      return { problem: `${fileName}: is not a whole key, of ${secretBytes * 2} hexadecimal digits; restore it from a copy` };
    return { secret, isNew };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { problem: `${fileName}: cannot be read or made in TRINITY_DATA_DIR (${code})` };
  }
}

export const keyIsMissing = `${fileName}: is missing, but the data was written with one; restore it from a copy, or set TRINITY_PSEUDONYM_KEY if that was used`;

export const keyIsAnother = `${fileName} or TRINITY_PSEUDONYM_KEY: is another key than the data was written with; put back the one that was used`;

/** Takes back a key that this process made, and that turned out to be too late. */
export function removeNewKey(dataDir: string): void {
  rmSync(join(dataDir, fileName), { force: true });
}

function readKeyFile(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, fileName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function secretOf(text: string): Uint8Array | null {
  const hex = text.trim();
  return new RegExp(`^[0-9a-f]{${secretBytes * 2}}$`, "i").test(hex) ? Buffer.from(hex, "hex") : null;
}

/** Whole and on the disk under its name, or not there; of several processes that make one at once, one does. @returns whether this one did */
function makeKeyFile(dataDir: string): boolean {
  const path = join(dataDir, fileName);
  if (existsSync(path)) return false;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const made = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    writeFileSync(made, randomBytes(secretBytes).toString("hex"), { flag: "wx", mode: 0o600, flush: true });
    linkSync(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(made, { force: true });
  }
  syncFolder(dataDir);
  return true;
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
