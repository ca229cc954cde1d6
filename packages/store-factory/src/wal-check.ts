import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DiskCheckResult } from "./disk-check.ts";

/** Started over, a WAL has 64 MiB at most. Sixteen times that is a minute of the fastest ingest with a reader that keeps its snapshot. */
const walBytesMax = 1024 ** 3;

const megabyte = 1024 ** 2;

/** A readiness check of the SQLite files in a folder: whether their WALs start over. They grow as long as anything reads an old snapshot of the file. */
export function createWalCheck(folder: string, bytesMax = walBytesMax): () => Promise<DiskCheckResult> {
  return async () => {
    for (const [file, bytes] of await walBytes(folder)) {
      if (bytes <= bytesMax) continue;
      const grown = `${file}-wal has grown to ${Math.round(bytes / megabyte)} MiB`;
      return { ok: false, reason: `${grown}: end what reads an old snapshot of ${file}, and it starts over` };
    }
    return { ok: true };
  };
}

/** @returns the bytes of the WAL of each file of the store; 0 where there is none */
export async function walBytes(folder: string): Promise<readonly (readonly [file: string, bytes: number])[]> {
  return Promise.all(files.map(async (file) => [file, await sizeOf(join(folder, `${file}-wal`))] as const));
}

const files = ["log.db", "state.db"];

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
