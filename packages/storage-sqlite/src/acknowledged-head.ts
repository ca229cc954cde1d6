import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ChunkDigest } from "./chunk-digest.ts";
import { createPrivately } from "./database-file.ts";
import { withFileNamed } from "./file-access.ts";

const seqDigits = 16;
const pattern = new RegExp(`^(\\d{${seqDigits}}) ([0-9a-f]{64})\n$`);

export function acknowledgedHeadPath(dataDir: string): string {
  return join(dataDir, "log.head");
}

/**
 * @returns the newest acknowledged chunk, from the small file beside the log; null when the file has none. It is written after each commit,
 * before the answer, without a sync: exact after a killed process, and possibly behind after a power cut, never ahead.
 */
export function readAcknowledgedHead(dataDir: string): ChunkDigest | null {
  const path = acknowledgedHeadPath(dataDir);
  let text: string;
  try {
    text = withFileNamed(path, false, () => readFileSync(path, "latin1"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const [, seq, digest] = pattern.exec(text) ?? [];
  return seq === undefined || digest === undefined ? null : { seq: Number(seq), digest: Buffer.from(digest, "hex") };
}

/** The file, open for the process that appends. */
export type AcknowledgedHead = { write(chunk: ChunkDigest): void; close(): void };

export function openAcknowledgedHead(dataDir: string): AcknowledgedHead {
  const path = acknowledgedHeadPath(dataDir);
  const file = withFileNamed(path, true, () => {
    createPrivately(path);
    return openSync(path, "r+");
  });
  return {
    write: ({ seq, digest }) => {
      writeSync(file, `${String(seq).padStart(seqDigits, "0")} ${Buffer.from(digest).toString("hex")}\n`, 0, "latin1");
    },
    close: () => closeSync(file),
  };
}
