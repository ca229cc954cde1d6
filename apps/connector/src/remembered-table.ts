import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A row as of the last poll: that it existed, its hash, and the attributes that the next poll must compare. */
export type RememberedRow = {
  readonly hash: string;
  /** Attribute values: the keys and those that changes report. Absent if no change is reported. */
  readonly image?: Readonly<Record<string, unknown>>;
};

/** By the hash of its keys. */
export type RememberedTable = Map<string, RememberedRow>;

/** The stored rows of the last poll of a table. */
export type TableMemory = {
  /** A new id for each new memory. The record of the lease names the last one, so an outdated memory is recognised. */
  readonly id: string;
  readonly rows: RememberedTable;
};

/** @returns null if the file is missing or incomplete: then every row is reported once more, and counts once */
export async function readTableMemory(path: string): Promise<TableMemory | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [first = "", ...lines] = text.split("\n").filter((line) => line !== "");
  try {
    return { id: JSON.parse(first) as string, rows: new Map(lines.map((line) => JSON.parse(line) as [string, RememberedRow])) };
  } catch {
    return null;
  }
}

/** Replaces the file atomically: a crash leaves the old one or the new one. */
export async function writeTableMemory(path: string, { id, rows }: TableMemory): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const text = [id, ...rows].map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
