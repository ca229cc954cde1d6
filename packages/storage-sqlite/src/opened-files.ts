import { statSync } from "node:fs";
import { basename } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";

/** Files as they were when they were opened. */
export type OpenedFiles = {
  /**
   * A file that was deleted, moved or replaced is written on all the same, into nothing.
   * @throws {DamagedDataError} when one of the paths no longer names the file that was opened
   */
  requireInPlace(): void;
};

/** @param paths of files that are there, and open */
export function openedFiles(paths: readonly string[]): OpenedFiles {
  const opened = paths.map((path) => ({ path, identity: identityOf(path) }));
  return {
    requireInPlace: () => {
      for (const { path, identity } of opened) {
        const found = identityOf(path);
        if (found === identity) continue;
        const what = found === null ? "is gone" : "is another file than the one that was opened";
        throw new DamagedDataError(
          `${basename(path)} ${what}: the data folder was deleted, moved or replaced while it was in use; put it back and restart`,
        );
      }
    },
  };
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}
