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

/** What looks at a table remember. */
export type TableMemory = {
  /** Another text for every memory that was ever begun: tells whether this one is of the last look that anybody took. */
  readonly id: string;
  readonly rows: RememberedTable;
};

/** @returns null where the file is not there or not whole: then every row is told once more, and counts once */
export async function readTableMemory(path: string): Promise<TableMemory | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [first = "", ...lines] = text.split("\n").filter((line) => line !== "");
  try {
    return { id: JSON.parse(first) as string, rows: new Map(lines.map((line) => JSON.parse(line) as [string, RememberedRow])) };
  } catch {
    return null;
  }
}

/** Replaces the file at once, so that a crash leaves the old one or the new one. */
export async function writeTableMemory(path: string, { id, rows }: TableMemory): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const text = [id, ...rows].map((line) => `${JSON.stringify(line)}\n`).join("");
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
