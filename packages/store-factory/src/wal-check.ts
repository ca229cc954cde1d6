import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DiskCheckResult } from "./disk-check.ts";

/** Started over, a WAL has 64 MiB at most. Sixteen times that is a minute of the fastest ingest with a reader that keeps its snapshot. */
const walBytesMax = 1024 ** 3;

const megabyte = 1024 ** 2;

/**
 * A readiness check of the SQLite files in a folder: whether their WALs start over. They grow as long as anything reads an old snapshot of the
 * file. One that is too large but has not grown since the look before fails no check: it starts over only with the events that come next.
 */
export function createWalCheck(folder: string, bytesMax = walBytesMax): () => Promise<DiskCheckResult> {
  let before: ReadonlyMap<string, number> = new Map();
  return async () => {
    const now = new Map(await walBytes(folder));
    const grows = ([file, bytes]: readonly [string, number]) => bytes > (before.get(file) ?? bytes);
    const growing = [...now].filter(grows);
    before = now;
    for (const [file, bytes] of growing) {
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
