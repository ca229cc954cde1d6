import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** What is known of a row since the last look: that it was there, its hash, and what the next look must compare. */
export type RememberedRow = {
  readonly hash: string;
  /** Attribute values: the keys and what changes tell. Absent where changes tell nothing. */
  readonly image?: Readonly<Record<string, unknown>>;
};

/** By the hash of its keys. */
export type RememberedTable = Map<string, RememberedRow>;

/** @returns nothing remembered where the file is not there or not whole: then every row is told once more, and counts once */
export async function readRememberedTable(path: string): Promise<RememberedTable> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => JSON.parse(line) as [string, RememberedRow]));
  } catch {
    return new Map();
  }
}

/** Replaces the file at once, so that a crash leaves the old one or the new one. */
export async function writeRememberedTable(path: string, table: RememberedTable): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const text = [...table].map((entry) => `${JSON.stringify(entry)}\n`).join("");
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
