import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failed, ok, type Result } from "@trinity/runtime/result";

/** `isNew`: this call created it. */
export type PseudonymKey = { readonly secret: Uint8Array; readonly isNew: boolean };

const fileName = "pseudonym.key";
const secretBytes = 32;

/**
 * The secret of all pseudonyms: the given one, or the one of the data folder, which is created when the folder is new.
 * Without it no person can be found again, not even for erasure, so it is never replaced.
 * @param hasData whether the folder already has events
 * @returns the secret, or a message for the operator
 */
export function loadPseudonymKey(
  given: string | undefined,
  dataDir: string,
  hasData: boolean,
): Result<PseudonymKey, readonly [problem: string]> {
  if (given !== undefined) return ok({ secret: Buffer.from(given, "utf8"), isNew: false });
  try {
    const isNew = !hasData && makeKeyFile(dataDir);
    const text = readKeyFile(dataDir);
    if (text === null) return failed([keyIsMissing]);
    const secret = secretOf(text);
    if (secret === null)
      return failed([`${fileName}: is not a whole key, of ${secretBytes * 2} hexadecimal digits; restore it from a copy`]);
    return ok({ secret, isNew });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return failed([`${fileName}: cannot be read or made in TRINITY_DATA_DIR (${code})`]);
  }
}

export const keyIsMissing = `${fileName}: is missing, but the data was written with one; restore it from a copy, or set TRINITY_PSEUDONYM_KEY if that was used`;

export const keyIsAnother = `${fileName} or TRINITY_PSEUDONYM_KEY: is another key than the data was written with; put back the one that was used`;

/** Removes a key that this process created, after another secret was registered first. */
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

/** Creates the file atomically and durably. @returns whether this process created it: of several concurrent ones, one does */
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
